/**
 * A terminal as an SVG picture.
 *
 * @module
 */

import type { TerminalCell } from "../../test/helpers/terminal.ts";

const WIDTH = 8.4;
const HEIGHT = 18;
const PADDING = 12;
const PAPER = "#16161d";
const INK = "#dcd7ba";

/** Draws lines of characters, on dark paper. */
export function terminalSvg(lines: readonly (readonly TerminalCell[])[]): string {
  const columns = Math.max(...lines.map((line) => line.length));
  const [width, height] = [columns * WIDTH + 2 * PADDING, lines.length * HEIGHT + 2 * PADDING];
  const drawn = lines.flatMap((line, y) => runs(line).map((run) => runSvg(run, y)));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" ` +
    `font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="14">\n` +
    `<rect width="100%" height="100%" rx="8" fill="${PAPER}"/>\n` +
    `${drawn.join("\n")}\n</svg>\n`;
}

interface Run {
  readonly start: number;
  readonly text: string;
  readonly style: TerminalCell;
}

/** Characters that follow each other and look alike. */
function runs(line: readonly TerminalCell[]): Run[] {
  const found: Run[] = [];
  const look = ({ text: _, ...style }: TerminalCell) => JSON.stringify(style);
  for (let from = 0, to = 1; from < line.length; from = to++) {
    while (to < line.length && look(line[to]) === look(line[from])) to++;
    const text = line.slice(from, to).map((cell) => cell.text).join("");
    found.push({ start: from, text, style: line[from] });
  }
  return found.filter(({ text, style }) => text.trim() !== "" || style.isInverse);
}

function runSvg({ start, text, style }: Run, line: number): string {
  const { isBold, isDim, isInverse, isUnderlined } = style;
  const [x, y] = [PADDING + start * WIDTH, PADDING + line * HEIGHT];
  const width = text.length * WIDTH;
  const paper = isInverse
    ? `<rect x="${x}" y="${y}" width="${width}" height="${HEIGHT}" fill="${INK}"/>`
    : "";
  const rule = isUnderlined
    ? `<rect x="${x}" y="${y + HEIGHT - 2}" width="${width}" height="1" fill="${INK}"/>`
    : "";
  return `${paper}${rule}<text x="${x}" y="${y + 13.5}" textLength="${width}" ` +
    `fill="${isInverse ? PAPER : INK}"${isBold ? ' font-weight="bold"' : ""}${
      isDim ? ' opacity="0.6"' : ""
    }>${escaped(text)}</text>`;
}

/** With spaces that are not put together. */
function escaped(text: string): string {
  return text.replaceAll(" ", "\u00a0").replace(
    /[&<>]/g,
    (character) => `&#${character.codePointAt(0)};`,
  );
}
