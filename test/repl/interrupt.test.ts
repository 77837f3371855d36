/** Ctrl-C at the prompt of this runtime's shell, on a terminal. */

import process from "node:process";
import { describe, expect, onTestFinished, test } from "vitest";
import { recordingFile } from "../helpers/recordings.ts";
import { temporaryFolder } from "../helpers/temporary_folder.ts";
import { TestTerminal } from "../helpers/terminal.ts";

const CTRL_C = "\x03";
const isDeno = "deno" in process.versions;

/** A shell over a recording, at its prompt. */
async function shell(): Promise<TestTerminal> {
  const terminal = new TestTerminal(
    `$SOFTDIRTY repl --replay '${recordingFile("every7")}'; echo ended with $?`,
    160,
    40,
    { XDG_STATE_HOME: temporaryFolder(), NO_COLOR: "1" },
  );
  onTestFinished(() => terminal.kill());
  await terminal.sees(/lists the calls\.\n>/);
  return terminal;
}

/** Types a line that shows when it runs, interrupts it, and shows that the shell continues. */
async function interrupted(terminal: TestTerminal, code: string, round = 0): Promise<void> {
  terminal.type(`console.log("begin".length * ${1000 + round}); ${code}\r`);
  await terminal.sees(new RegExp(`^${5 * (1000 + round)}$`, "m"));
  terminal.type(CTRL_C);
  await terminal.sees(
    new RegExp(`^${5 * (1000 + round)}\\s+(\\^C\\s+)?^Uncaught.*[Ii]nterrupted`, "m"),
  );
  terminal.type(`"still ".length * ${7000 + round}\r`);
  await terminal.sees(new RegExp(`^${6 * (7000 + round)}$`, "m"));
}

describe("Ctrl-C interrupts what runs at the prompt, and keeps the shell", () => {
  test("where it waits, again and again", async () => {
    const terminal = await shell();
    for (let i = 0; i < 3; i++) {
      await interrupted(terminal, "for (;;) await sd.wait(100)", i);
    }
    terminal.type("console.log(`begin ${60 + 6}`); for (;;) await sd.wait(100)\r");
    await terminal.sees(/^begin 66$/m);
    terminal.type(`${CTRL_C}"typed ".length * 9000\r`);
    await terminal.sees(/^54000$/m);
  }, 60_000);

  test.skipIf(isDeno)("where it does not use sd", async () => {
    const terminal = await shell();
    await interrupted(terminal, "await new Promise(() => {})");
    await interrupted(terminal, "while (true) {}", 1);
    await interrupted(terminal, "while (true) try { JSON.parse('{') } catch {}", 2);
    terminal.type("console.log(`begin ${60 + 6}`); while (true) {}\r");
    await terminal.sees(/^begin 66$/m);
    terminal.type(`lost${CTRL_C}"typed ".length * 9000\r`);
    await terminal.sees(/^54000$/m);
  }, 60_000);

  test.runIf(isDeno)("ends with the second one where Deno can interrupt nothing", async () => {
    for (const code of ["while (true) {}", "await new Promise((go) => setTimeout(go, 1e6))"]) {
      const terminal = await shell();
      terminal.type(`console.log("begin".length * 1000); ${code}\r`);
      await terminal.sees(/^5000$/m);
      terminal.type(CTRL_C);
      await terminal.sees(/Deno cannot interrupt this/);
      terminal.type(CTRL_C);
      expect(await terminal.ended()).toBe(130);
    }
  }, 60_000);

  test.skipIf(isDeno)("where it does not wait between calls, at any moment", async () => {
    const terminal = await shell();
    for (let i = 0; i < 10; i++) {
      await interrupted(terminal, "while (true) sd.mark('x')", i);
    }
    await interrupted(terminal, "while (true) try { sd.mark('x') } catch {}", 20);
    expect(terminal.lines.join("\n")).not.toContain("ended with");
  }, 120_000);
});
