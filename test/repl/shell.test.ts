/** The shell of this runtime on a terminal, over a recording. */

import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { recordingFile } from "../helpers/recordings.ts";
import { shellLine } from "../helpers/softdirty.ts";
import { temporaryFolder } from "../helpers/temporary_folder.ts";

/** What a terminal shows of a session in which `lines` are typed, each after the answer to the last. */
async function typed(home: string, lines: readonly (readonly [string, RegExp])[]): Promise<string> {
  const command = shellLine("repl", "--replay", recordingFile("every7"));
  const child = spawn("script", ["-qec", command, "/dev/null"], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, XDG_STATE_HOME: home, TERM: "xterm", NO_COLOR: "1", COLUMNS: "200" },
  });
  let shown = "";
  child.stdout.setEncoding("utf8").on("data", (text) => shown += text);
  onTestFinished(() => void child.kill("SIGKILL"));
  const closed = new Promise((resolve) => child.once("close", resolve));
  const until = async (pattern: RegExp, from: number) => {
    for (let i = 0; i < 300 && !pattern.test(shown.slice(from)); i++) await sleep(50);
    expect(shown.slice(from)).toMatch(pattern);
  };
  await until(/sd\.help\(\) lists the calls/, 0);
  await until(/> /, 0);
  for (const [line, answer] of lines) {
    const from = shown.length;
    child.stdin.write(line);
    await until(answer, from);
  }
  child.stdin.write("\x15\x04"); // Ctrl-U takes the line away, Ctrl-D leaves
  await closed;
  return shown;
}

test("the shell has sd, top-level await, completion, and a history that is kept", async () => {
  const home = temporaryFolder();
  const shown = await typed(home, [
    ["sd.clear()\r", /cleared deno \(pid \d+\) in /],
    ["const a = await Promise.resolve(sd.read())\r", /undefined/],
    ["a\r", /snapshot 0 of deno/],
    ["sd.clear()\r", /ReplayError: clear\(\d+\) was asked for, but event 3 of .* is read/],
    ["sd.tra\t", /tracePath/],
  ]);
  expect(shown).not.toContain("    at ");
  const [history] = readdirSync(join(home, "softdirty"));
  expect(readFileSync(join(home, "softdirty", history), "utf8")).toContain("sd.clear()");
}, 60_000);

test(
  "keys that are typed while code runs are for the next prompt, those that edit too",
  async () => {
    const shown = await typed(temporaryFolder(), [
      ["{ const end = Date.now() + 800; while (Date.now() < end); }\r", /end/],
      ["17\x7f+1\r", /\r\n2\r\n/], // Backspace takes the 7 away
    ]);
    expect(shown).not.toMatch(/SyntaxError/);
  },
  60_000,
);
