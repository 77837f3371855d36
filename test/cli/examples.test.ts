/** The examples of help, but for those that need a live process. */

import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { EXAMPLES } from "../../lib/cli/examples.ts";
import { exampleEnvironment, exampleFolder, examplesThat } from "../helpers/help_examples.ts";
import { softdirty } from "../helpers/softdirty.ts";
import { TestTerminal } from "../helpers/terminal.ts";

test("every help has an example, in the man page too", async () => {
  const { stdout: help } = await softdirty("--help");
  expect(help).toMatch(/^Examples?:\n {2}softdirty /m);
  const list = help.slice(help.indexOf("Commands:"), help.indexOf("Topics"));
  const names = [...list.matchAll(/^ {2}([a-z-]+)/gm)].map(([, name]) => name);
  expect(names.length).toBeGreaterThan(20);
  const parts = ["migrate", "checkpoint", "fork"].map((part) => ["plan", part]);
  for (const words of [...names.map((name) => [name]), ["complete"], ...parts]) {
    const { stdout } = await softdirty(...words, "--help");
    expect(stdout, words.join(" ")).toMatch(/^Examples?:\n {2}\S/m);
    expect(EXAMPLES).toHaveProperty([words.join(" ")]);
  }
  const { stdout: man } = await softdirty("help", "--man");
  expect(man.match(/^Examples?:$/gm)!.length).toBeGreaterThan(20);
}, 120_000);

describe("an example of help works", () => {
  const offline = examplesThat(({ isLive, isOnTerminal }) => !isLive && !isOnTerminal);
  test.each(offline)("softdirty %s: %o", (_, { line }) => {
    const folder = exampleFolder();
    const { status, stderr } = spawnSync("bash", ["-c", line], {
      cwd: folder,
      encoding: "utf8",
      env: exampleEnvironment(folder),
    });
    expect([status, stderr]).toEqual([0, expect.not.stringMatching(/error|Cannot|No such/)]);
  });

  test.each(examplesThat(({ isLive, isOnTerminal }) => !isLive && isOnTerminal === true))(
    "softdirty %s: %o",
    async (_, { line }) => {
      const folder = exampleFolder();
      const { PATH = "" } = exampleEnvironment(folder);
      const terminal = new TestTerminal(`cd '${folder}'; ${line}`, 160, 24, {
        PATH,
        XDG_STATE_HOME: folder,
      });
      await terminal.sees(/lists the calls/);
      await terminal.sees(/^> *$/m);
      terminal.type("\x04");
      expect(await terminal.ended()).toBe(0);
    },
  );
});
