import { mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { recordingFile } from "../helpers/recordings.ts";
import { temporaryFolder } from "../helpers/temporary_folder.ts";
import { TestTerminal } from "../helpers/terminal.ts";

const redis = "recordings/traces/redis.sdtrace";
const tree = "recordings/traces/tree.sdtrace";

test("a replay plays, is sought through, and gives the terminal back as it was", async () => {
  const terminal = new TestTerminal(
    `echo before; stty -g >"$FILE"; $SOFTDIRTY top --replay ${redis}; stty -g | cmp - "$FILE" && echo same`,
    80,
    24,
    { FILE: `/tmp/softdirty-stty-${process.pid}` },
  );
  await terminal.sees(/softdirty top: replay of .*redis/);
  expect(terminal.isAlternate).toBe(true);
  await terminal.sees(/0 ns of 18\.8 s|ms of 18\.8 s/);
  terminal.type("\x1b[F");
  const end = await terminal.sees(/24 of 24 snapshots/);
  expect(end).toMatch(/106 redis-server +9\.40 MiB\/s +10\.5 MiB 20\.9 MiB/);
  terminal.type("\r");
  const mappings = await terminal.sees(
    /redis-server \(pid 106\) writes 9\.40 MiB\/s; its working set of 10\.1 s/,
  );
  expect(mappings).toMatch(/7f5eadc00000 rw-p \[anon\]/);
  terminal.type("/stack\r");
  expect(await terminal.sees(/with the text: stack$/m)).not.toMatch(/\[anon\]/);
  terminal.type("\x7f\x1b[H");
  await terminal.sees(/\b\d+ of 24 snapshots/);
  terminal.type("q");
  expect(await terminal.ended()).toBe(0);
  expect(terminal.isAlternate).toBe(false);
  expect(terminal.lines.slice(0, 2)).toEqual(["before", "same"]);
  expect(terminal.raw.endsWith("same\r\n")).toBe(true);
});

test.each([
  [80, 24],
  [40, 6],
  [200, 50],
  [10, 2],
])("no line is wider than a terminal of %i columns and %i rows", async (columns, rows) => {
  const terminal = new TestTerminal(`$SOFTDIRTY top --replay ${tree} --at 10s`, columns, rows);
  await terminal.sees(/softdir/);
  terminal.type("s");
  terminal.type("S");
  await new Promise((resolve) => setTimeout(resolve, 200));
  const drawn = terminal.raw.slice(terminal.raw.indexOf("\x1b[?2026h"));
  // deno-lint-ignore no-control-regex
  const lines = drawn.replace(/\x1b\[\?2026[hl]/g, "").split(/\x1b\[\d+;1H/).map((line) =>
    // deno-lint-ignore no-control-regex
    line.replace(/\x1b\[[\d;?]*[a-zA-Z]/g, "")
  );
  expect(lines.length).toBeGreaterThan(1);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
  expect(terminal.lines.length).toBe(rows);
  terminal.type("q");
  expect(await terminal.ended()).toBe(0);
});

test.each([80, 100])(
  "the last cell of a line is seen in %i columns, and ? shows the keys",
  async (columns) => {
    const terminal = new TestTerminal(`$SOFTDIRTY top --replay ${redis} --at 60s`, columns, 30);
    await terminal.sees(/24 of 24 snapshots/);
    terminal.type("\r");
    const shown = await terminal.sees(/\[stack\]/);
    // Where a name has no room, that is seen.
    if (columns === 100) expect(shown).not.toContain("…");
    // The page at the top of the stack is the last cell.
    expect(shown.split("\n").find((line) => line.includes("[stack]"))).toMatch(
      new RegExp(`^.{${columns - 1}}[░▒▓█]$`),
    );
    terminal.type("?");
    const help = await terminal.sees(/^Keys:/m);
    expect(help).toMatch(/^ {2}where +in which part/m);
    terminal.type("x");
    await terminal.sees(/\[stack\]/);
    terminal.type("q");
    expect(await terminal.ended()).toBe(0);
  },
);

test.each(["INT", "TERM", "HUP", "QUIT", "ABRT", "ALRM", "USR2"])(
  "SIG%s gives the terminal back",
  async (signal) => {
    const terminal = new TestTerminal(
      `sh -c 'echo $$ >"$FILE"; exec $SOFTDIRTY top --replay ${tree}' ; stty -a | grep -o "[-]*icanon"`,
      80,
      24,
      { FILE: `/tmp/softdirty-pid-${process.pid}` },
    );
    await terminal.sees(/softdirty top/);
    process.kill(
      Number(readFileSync(`/tmp/softdirty-pid-${process.pid}`, "utf8")),
      `SIG${signal}` as NodeJS.Signals,
    );
    await terminal.ended();
    expect(terminal.isAlternate).toBe(false);
    expect(terminal.lines.join("\n")).toMatch(/^icanon$/m);
  },
);

test("a pause holds what is shown, and can be ended", async () => {
  const far = join(temporaryFolder(), "far".repeat(40));
  mkdirSync(far);
  symlinkSync(recordingFile("redis"), join(far, "redis.sdtrace"));
  const terminal = new TestTerminal(`$SOFTDIRTY top --replay ${far}/redis.sdtrace --speed 16`);
  await terminal.sees(/[1-9]\d* of 24 snapshots/);
  terminal.type(" ");
  const paused = await terminal.sees(/^paused: softdirty top: replay of redis\.sdtrace$/m);
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(terminal.lines.join("\n")).toBe(paused);
  terminal.type(" ");
  await terminal.sees(/24 of 24 snapshots/);
  terminal.type("\x03");
  expect(await terminal.ended()).toBe(0);
});

test("a suspended top gives the terminal back, and takes it again", async () => {
  const terminal = new TestTerminal(
    `set -m; $SOFTDIRTY top --replay ${redis}; echo stopped; read line; fg >/dev/null; echo over`,
  );
  await terminal.sees(/softdirty top/);
  terminal.type("\x1a");
  await terminal.sees(/^stopped$/m);
  expect(terminal.isAlternate).toBe(false);
  terminal.type("\r");
  await terminal.sees(/softdirty top/);
  expect(terminal.isAlternate).toBe(true);
  terminal.type("q");
  await terminal.ended();
  expect(terminal.lines.join("\n")).toMatch(/^over$/m);
});

test("a top that something else started is suspended with it", async () => {
  const terminal = new TestTerminal(
    `set -m; sh -c '$SOFTDIRTY top --replay ${redis}; true'; echo stopped; read line; fg >/dev/null; echo over`,
  );
  await terminal.sees(/softdirty top/);
  terminal.type("\x1a");
  await terminal.sees(/^stopped$/m);
  terminal.type("\r");
  await terminal.sees(/softdirty top/);
  terminal.type("q");
  await terminal.ended();
  expect(terminal.isAlternate).toBe(false);
  expect(terminal.lines.join("\n")).toMatch(/^over$/m);
});

test("without a process, one is chosen from those that run, and nothing is tracked until then", async () => {
  const terminal = new TestTerminal(
    `sleep 97.5 & $SOFTDIRTY top; echo "left $?"; kill $!`,
  );
  const all = await terminal.sees(/which process\? Nothing is tracked yet/);
  expect(all).toMatch(/^> +\d+ +[\d.]+ [KMG]iB \S/m);
  terminal.type("sleep");
  await terminal.sees(/with the text: sleep_/);
  await terminal.sees(/^> +\d+ +[\d.,]+ [KM]iB sleep$/m);
  terminal.type("\x7f".repeat(5) + "no such process");
  await terminal.sees(/no process has that in its name/);
  terminal.type("\x1b");
  await terminal.sees(/type to find/);
  terminal.type("\x1b");
  await terminal.ended();
  expect(terminal.isAlternate).toBe(false);
  expect(terminal.lines.join("\n")).toMatch(/^left 0$/m);
});
