import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { diffSnapshots } from "../../../lib/core/diff.ts";
import { PageSet } from "../../../lib/core/page_set.ts";
import { heatMaps } from "../../../lib/analysis/heat.ts";
import { inspectable, installInspection } from "../../../lib/repl/printing.ts";
import { heatSvg } from "../../../lib/report/notebook/heat_svg.ts";
import { blocksHtml, escaped } from "../../../lib/report/notebook/markup.ts";
import { joined } from "../../../lib/report/notebook/shaded_svg.ts";
import { stripSvg } from "../../../lib/report/notebook/strip_svg.ts";
import { openReplay, openTrace } from "../../../lib/session/sd.ts";
import { PROCESS, seconds, snapshot } from "../../helpers/drawn_snapshot.ts";
import { recordingFile, RECORDINGS } from "../../helpers/recordings.ts";

installInspection();

type Bundle = Readonly<Record<string, string>>;
const shown = (value: unknown): Bundle =>
  (value as Record<symbol, () => Bundle>)[Symbol.for("Jupyter.display")]();

/** Throws unless tags are closed in order, as XML and tidy HTML have them. */
function assertTidy(markup: string): void {
  const open: string[] = [];
  for (const [, end, name, empty] of markup.matchAll(/<(\/?)([a-z]+)(?:"[^"]*"|[^">])*?(\/?)>/g)) {
    if (end !== "") expect(open.pop()).toBe(name);
    else if (empty === "") open.push(name);
  }
  expect(open).toEqual([]);
  expect(markup.replace(/<\/?[a-z]+(?:"[^"]*"|[^">])*>/g, "")).not.toMatch(/[<>]/);
}

describe.each(RECORDINGS)("the results over the recording %s", (name) => {
  const file = recordingFile(name);
  const sd = inspectable(openReplay(file));
  const { snapshots } = openTrace(file);

  test.each([
    ["rate", () => sd.rate(file)],
    ["wss", () => sd.wss(file)],
    ["hot", () => sd.hot(file)],
    ["byMapping", () => sd.byMapping(file)],
    ["phases", () => sd.phases(file)],
    ["compare", () => sd.compare(file, file)],
    ["plan.checkpoint", () => sd.plan.checkpoint(file)],
    ["plan.fork", () => sd.plan.fork(file)],
    ["plan.migrate", () => sd.plan.migrate(file)],
    ["heat", () => sd.heat(file)],
    ["probe", () => sd.probe()],
    ["a snapshot", () => [...snapshots][0]],
    ["a diff", () => diffSnapshots([...snapshots][0], [...snapshots].at(-1)!)],
    ["an explanation", () => [...snapshots][0].explain()],
    ["a trace", () => openTrace(file)],
    ["a page set", () => PageSet.from([{ start: 1, end: 3 }])],
  ])("%s shows itself as text without escapes and as tidy HTML", (what, result) => {
    const bundle = shown(result());
    // deno-lint-ignore no-control-regex
    expect(bundle["text/plain"]).not.toMatch(/\u001b/);
    expect(bundle["text/plain"].length).toBeGreaterThan(10);
    assertTidy(bundle["text/html"]);
    const hasPicture = what === "a snapshot" || what === "heat";
    expect("image/svg+xml" in bundle).toBe(hasPicture);
    if (hasPicture) assertTidy(bundle["image/svg+xml"]);
  });

  test("tables are tables with the rows of the text", () => {
    for (const result of sd.rate(file)) {
      const html = shown(inspectable(openReplay(file)).rate([...snapshots]))["text/html"];
      const names = new Set(result.mappings.slice(0, 3).map((one) => one.name || "[anon]"));
      for (const one of names) expect(html).toContain(`>${escaped(one)}</td>`);
    }
  });
});

test("a snapshot is a strip of what exists, whose dirty part is drawn", () => {
  const [one] = seconds("0 rw-p [heap] DDpp\n0x10 rw-p - ....");
  const picture = stripSvg(one);
  expect(picture).toContain("<title>00000000 rw-p [heap]: 8.00 KiB of 16.0 KiB</title>");
  expect(picture.match(/<title>/g)).toHaveLength(1);
  // Half of the strip is drawn, as one rectangle.
  expect(picture).toContain('d="M0 0h400v28h-400z"');
});

test("a strip of very many mappings stays small, and has what can be pointed at", () => {
  const lines = Array.from({ length: 20_000 }, (_, i) => `${i * 4} rw-p - D`);
  const [one] = seconds([...lines, `${100_000} rw-p [heap] ${"p".repeat(5000)}`].join("\n"));
  const picture = stripSvg(one);
  expect(picture.length).toBeLessThan(20_000);
  expect(picture.match(/<title>/g)).toHaveLength(1);
});

test("a heat map has a rectangle for what was written, and none for what was not", () => {
  const [map] = heatMaps(seconds("0 rw-p [heap] Dp", "0 rw-p [heap] pp", "0 rw-p [heap] pD"));
  const picture = heatSvg(map);
  expect(picture.match(/M[\d.]+ [\d.]+h/g)).toHaveLength(2);
  expect(picture).toContain("00000000 [heap]");
});

test("cells of one share are joined, and cover the same", () => {
  fc.assert(fc.property(fc.array(fc.constantFrom(0, 0.5, 1), { maxLength: 20 }), (shares) => {
    const cells = [...joined(shares, 0, 0, 1, 1)];
    const spread = cells.flatMap(({ width, share }) => Array(width).fill(share));
    expect(spread).toEqual(shares);
    cells.slice(1).forEach(({ share }, i) => expect(share).not.toBe(cells[i].share));
  }));
});

test("no name becomes a tag, an attribute or an escape", () => {
  fc.assert(fc.property(
    fc.string({ unit: fc.constantFrom(..."<>&\"'a/= \u001b\u0000\u202e".split("")) }),
    (name) => {
      const [drawn] = seconds("0 rw-p - DDpp");
      const vmas = drawn.vmas.map((vma) => ({ ...vma, name }));
      const process = { ...PROCESS, command: name };
      const one = snapshot("0 rw-p - DDpp", { ...drawn, vmas, process, pages: drawn.pages });
      for (const [type, text] of Object.entries(shown(one))) {
        // deno-lint-ignore no-control-regex
        expect(text).not.toMatch(/[\u0000\u001b\u202e]/);
        if (type !== "text/plain") assertTidy(text);
      }
    },
  ));
});

test("HTML has the verdict first and in bold, paragraphs, and tables with headings", () => {
  expect(blocksHtml(["a < b", "", "c", {
    columns: [{ heading: "n", align: "left" }, { heading: "v", align: "right" }],
    rows: [["x", "1"]],
  }])).toBe(
    "<p><strong>a &lt; b</strong></p>\n<p>c</p>\n" +
      '<table><thead><tr><th style="text-align:left;white-space:nowrap">n</th>' +
      '<th style="text-align:right;white-space:nowrap">v</th></tr></thead>' +
      '<tbody><tr><td style="text-align:left;white-space:nowrap">x</td>' +
      '<td style="text-align:right;white-space:nowrap">1</td></tr></tbody></table>',
  );
});
