/**
 * A look at `top`, as lines for a terminal of some size.
 *
 * @module
 */

import pc from "picocolors";
import stringWidth from "string-width";
import { plainText } from "../../core/plain_text.ts";
import { fitText, wrapText } from "../fit_text.ts";
import { lastPart } from "../snapshot_text.ts";
import { formatBytes, formatRate } from "../units.ts";
import { type MappingRow, type ProcessRow, type Sort, type TopRow } from "./top_rows.ts";

/** The terminal. */
export interface TopSize {
  readonly columns: number;
  readonly rows: number;
  /** False if it may not show block characters. */
  readonly hasBlocks: boolean;
}

/** What is looked at. */
export interface TopLook {
  /** What stands above the table: what is tracked, how, and what that costs. */
  readonly status: readonly string[];
  /** The processes, or the mappings of one. */
  readonly table:
    | { readonly of: "processes"; readonly rows: readonly ProcessRow[] }
    | { readonly of: "mappings"; readonly rows: readonly MappingRow[] };
  readonly sort: Sort;
  /** The key of the row that is chosen. */
  readonly chosen: string | undefined;
  /** What stands in place of rows if there are none. */
  readonly empty: string;
  /** What keys do: those come last that can be left out where there is no room. */
  readonly help: readonly string[];
  /** What is shown in place of the table. */
  readonly text?: readonly string[] | undefined;
}

/** One column of a table. */
interface TopColumn<T> {
  readonly heading: string;
  readonly sort?: Sort | undefined;
  /** In characters; the rest of the line is shared by those that have none, which are pictures. */
  readonly width?: number | undefined;
  /** It takes more, where its cells need that and pictures have enough. */
  readonly grows?: true | undefined;
  readonly align?: "right" | undefined;
  readonly text: (row: T, width: number, size: TopSize) => string;
}

const sizeText = (bytes: number | null) => bytes === null ? "–" : formatBytes(bytes);

/** The columns that both tables end with. */
const MEASURES: readonly TopColumn<TopRow>[] = [
  {
    ...{ heading: "writes", sort: "rate", width: 10, align: "right" },
    text: ({ bytesPerSecond }) => formatRate(bytesPerSecond, 1e9),
  },
  {
    ...{ heading: "work.set", sort: "working set", width: 9, align: "right" },
    text: ({ workingSetBytes }) => sizeText(workingSetBytes),
  },
  {
    ...{ heading: "size", sort: "size", width: 8, align: "right" },
    text: ({ sizeBytes }) => sizeText(sizeBytes),
  },
  { heading: "lately", text: ({ rates }, width, size) => sparkline(rates(), width, size) },
  { heading: "where", text: ({ heat }, width, size) => strip(heat(width), size) },
];

const PROCESSES: readonly TopColumn<ProcessRow>[] = [
  { heading: "pid", width: 7, align: "right", text: ({ pid }) => String(pid) },
  { heading: "command", sort: "name", width: 15, grows: true, text: ({ name }) => name },
  ...MEASURES,
];

const MAPPINGS: readonly TopColumn<MappingRow>[] = [
  { heading: "address", width: 12, align: "right", text: ({ address }) => address },
  { heading: "perm", width: 4, text: ({ perms }) => perms },
  { heading: "mapping", sort: "name", width: 12, grows: true, text: ({ name }) => lastPart(name) },
  ...MEASURES,
];

/** What a picture needs at least before a name gets more room. */
const PICTURE_WIDTH = 8;

/** The lines, no wider and no more than fit. */
export function topLines(look: TopLook, size: TopSize): string[] {
  const { status, table, help, empty, text } = look;
  const above = statusLines(status, size);
  const room = Math.max(1, size.rows - above.length - 2);
  const lines = text !== undefined
    ? text.slice(0, room + 1).map((line) => fitText(line, size.columns))
    : table.of === "processes"
    ? tableLines(PROCESSES, table.rows, look, size, room)
    : tableLines(MAPPINGS, table.rows, look, size, room);
  if (text === undefined && table.rows.length === 0) {
    lines.push(...wrapText(empty, size.columns).map((line) => fitText(line, size.columns)));
  }
  while (lines.length < room + 1) lines.push("");
  const below = pc.dim(fitText(helpLine(help, size.columns), size.columns));
  return [pc.bold(above[0]), ...above.slice(1), ...lines.slice(0, room + 1), below]
    .slice(0, size.rows);
}

/** What stands above the table: whole, in as many lines as that takes, but for half of the terminal. */
export function statusLines(status: readonly string[], { columns, rows }: TopSize): string[] {
  const whole = status.flatMap((line) => wrapText(line, columns));
  const most = Math.max(status.length, Math.floor(rows / 2));
  const shown = whole.length <= most ? whole : status;
  return shown.map((line) => fitText(line, columns));
}

/** As many keys as there is room for. */
function helpLine(help: readonly string[], columns: number): string {
  let line = "";
  for (const key of help) {
    const longer = line === "" ? key : `${line}  ${key}`;
    if (stringWidth(longer) > columns) break;
    line = longer;
  }
  return line;
}

function tableLines<T extends TopRow>(
  columns: readonly TopColumn<T>[],
  rows: readonly T[],
  { sort, chosen }: TopLook,
  size: TopSize,
  room: number,
): string[] {
  const fixed = columns.reduce((sum, { width = 0 }) => sum + width + 1, 1);
  const pictures = columns.filter(({ width }) => width === undefined).length;
  const spare = Math.max(0, size.columns - fixed);
  const grown = columns.map((column) => column.grows ? grownBy(column, rows, size) : 0);
  const most = Math.max(0, spare - pictures * PICTURE_WIDTH);
  const left = spare - Math.min(most, Math.max(...grown));
  const widths = columns.map(({ width }, i) =>
    width === undefined
      ? i === columns.length - 1 ? Math.ceil(left / pictures) : Math.floor(left / pictures)
      : width + Math.min(most, grown[i])
  );
  const line = (cells: readonly string[]) => cells.join(" ");
  const headings = columns.map(({ heading, align, sort: by }, i) =>
    fitText(by === sort ? `${heading}*` : heading, widths[i], align)
  );
  const at = rows.findIndex(({ key }) => key === chosen);
  // The chosen row stays in sight.
  const first = Math.max(0, Math.min(at - Math.floor(room / 2), rows.length - room));
  const shown = rows.slice(first, first + room).map((row) => {
    const isChosen = row.key === chosen;
    const cells = columns.map(({ text, align }, i) =>
      fitText(text(row, widths[i], size), widths[i], align)
    );
    const all = fitText(line([isChosen ? ">" : " ", ...cells]), size.columns);
    return isChosen ? pc.inverse(all) : all;
  });
  return [pc.underline(fitText(line([" ", ...headings]), size.columns)), ...shown];
}

/** How much wider than its width a column would have to be to show its cells whole. */
function grownBy<T extends TopRow>(
  { text, width = 0 }: TopColumn<T>,
  rows: readonly T[],
  size: TopSize,
): number {
  const widest = rows.reduce(
    (most, row) => Math.max(most, stringWidth(plainText(text(row, width, size)))),
    0,
  );
  return Math.max(0, widest - width);
}

const BARS = { blocks: " ▁▂▃▄▅▆▇█", plain: " .:-=+*#%" } as const;
const SHADES = { blocks: " ░▒▓█", plain: " .:+#" } as const;

/** The last rates, the newest to the right; the most of them is a whole block. */
function sparkline(rates: readonly number[], width: number, { hasBlocks }: TopSize): string {
  const shown = rates.slice(-width);
  const most = Math.max(...shown);
  const bars = BARS[hasBlocks ? "blocks" : "plain"];
  return shown.map((rate) => shade(most === 0 ? 0 : rate / most, bars)).join("").padStart(width);
}

function strip(shares: readonly number[], { hasBlocks }: TopSize): string {
  const shades = SHADES[hasBlocks ? "blocks" : "plain"];
  return shares.map((share) => shade(share, shades)).join("");
}

/** Nothing is the first; small values differ from it. */
function shade(share: number, shades: string): string {
  return shades[share === 0 ? 0 : Math.max(1, Math.round(share * (shades.length - 1)))];
}
