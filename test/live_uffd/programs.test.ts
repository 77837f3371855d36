/** Kinds of programs: what doctor says of each, record does. */

import { spawn, spawnSync } from "node:child_process";
import { join } from "node:path";
import process from "node:process";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { ForkEvents } from "../../lib/kernel/fork_events.ts";
import { openLive } from "../../lib/session/live.ts";
import { openTrace } from "../../lib/session/sd.ts";
import { softdirty } from "../helpers/softdirty.ts";
import { temporaryFolder } from "../helpers/temporary_folder.ts";
import { startTiny, TINY_PROGRAMS, writeTiny } from "../helpers/tiny_program.ts";
import { LineProgram, targetPath } from "./lines.ts";
import { viewOf } from "./process_view.ts";
import { describeLive, describeUnless } from "./proven.ts";
import { assertUnharmed, killAtEachStep } from "./rounds.ts";
import { lackOf, PYTHON, startBlocked } from "./targets.ts";
import { withTarget } from "./with_target.ts";

const isX64 = process.arch === "x64" ? undefined : "these programs are for x86-64";

/** Why this machine does not run such a program, if so. */
async function lackOfTiny(kind: keyof typeof TINY_PROGRAMS): Promise<string | undefined> {
  if (isX64 !== undefined) return isX64;
  try {
    await (await startTiny(kind)).end();
  } catch (error) {
    return `no ${kind} program can be run: ${(error as Error).message}`;
  }
}

/** What doctor says of a process, and what comes of recording it. */
async function both(pid: number) {
  const file = join(temporaryFolder(), "a.sdtrace");
  const doctor = JSON.parse((await softdirty("doctor", "--json", "-p", String(pid))).stdout);
  const record = await softdirty(
    ...["record", "-p", String(pid), "--tracker", "uffd-wp", "-n", "3", "-i", "50ms", "-o", file],
  );
  const { isAllowed, reason } = doctor.target.access.find(
    ({ tracker }: { tracker: string }) => tracker === "uffd-wp",
  );
  return { isAllowed, reason, record, file };
}

/** Why the kernel does not report forks, if so. */
function whyNoForks(): string | undefined {
  const events = ForkEvents.open();
  events?.close();
  return events === undefined ? "the kernel does not report forks to this user" : lackOf(PYTHON);
}

const lackOfForks = whyNoForks();
const lackOf32Bit = await lackOfTiny("32-bit");

describeLive("doctor and record", () => {
  describeUnless(isX64)("of programs without a library", () => {
    test.each(
      [
        ["a static one that never handles a signal", "static"],
        ["one whose main thread has ended", "leaderless"],
      ] as const,
    )("track %s", (_, kind) =>
      withTarget(() => startTiny(kind), async (target) => {
        const before = viewOf(target.pid);
        const { isAllowed, record } = await both(target.pid);
        expect([isAllowed, record.exitCode, record.stderr]).toEqual([true, 0, ""]);
        const sd = openLive({ pid: target.pid, output: null, tracker: "uffd-wp" });
        sd.clear();
        await target.check();
        expect(sd.take().dirty.has(0x600000 / 4096)).toBe(true);
        sd.close();
        await assertUnharmed(target, before);
      }));

    test.each(["static", "leaderless"] as const)(
      "do not harm one that is %s if the tool is killed at any step",
      (kind) => withTarget(() => startTiny(kind), (target) => killAtEachStep(target)),
    );

    test("refuse one without the code for it, at once and in the same words", () =>
      withTarget(() => startTiny("bare"), async (target) => {
        const before = viewOf(target.pid);
        const { isAllowed, reason, record } = await both(target.pid);
        expect([isAllowed, record.exitCode]).toEqual([false, 1]);
        expect(reason).toContain(
          "is a static program without code that returns from a signal handler",
        );
        expect(record.stderr).toBe(`softdirty: ${reason}\n`);
        await assertUnharmed(target, before);
      }));
  });

  describeUnless(isX64)("of a tree with one that cannot be tracked", () => {
    const script = (tiny: string) => `trap 'kill $!; exit' TERM; ${tiny} >/dev/null 2>&1 & wait`;

    test("say so at the end, in info, and in JSON; it does not count as ended", async () => {
      const folder = temporaryFolder();
      const file = join(folder, "a.sdtrace");
      const { exitCode, stdout, stderr } = await softdirty(
        ...["record", "--children", "--tracker", "uffd-wp", "-i", "200ms", "-d", "1s", "-o", file],
        ...["--json", "--", "sh", "-c", script(writeTiny("bare", folder))],
      );
      expect(exitCode).toBe(0);
      expect(stderr).toMatch(
        /^softdirty: 1 of [234] processes were not tracked:\n {2}\d+ \(tiny\): Process \d+ is a static/m,
      );
      const { untracked, untrackedProcessCount, snapshotCount } = JSON.parse(stdout);
      expect(untracked).toEqual([
        expect.objectContaining({ command: "tiny", reason: "cannot-attach" }),
      ]);
      expect(untrackedProcessCount).toBe(1);
      expect(snapshotCount).toBeGreaterThan(0);
      const [{ pid, message }] = untracked;
      const info = await softdirty("info", file);
      expect(info.stdout).toContain(`processes were not tracked:\n  ${pid} (tiny): ${message}`);
      const json = JSON.parse((await softdirty("info", "--json", file)).stdout);
      expect(json.untracked).toMatchObject([{
        process: { pid },
        reason: "cannot-attach",
        message,
      }]);
      expect(json.counts.untracked).toBe(1);
      const log = await softdirty("log", "-p", String(pid), file);
      expect(log.stdout).toMatch(/(found|fork) .*\n.*untracked .*is a static program/);
      expect(log.stdout).not.toMatch(/exit/);
    });

    describeUnless(lackOfForks)("where the kernel reports forks", () => {
      test("count the processes that came and went between two looks", async () => {
        const file = join(temporaryFolder(), "a.sdtrace");
        const fork = "os.fork() or os._exit(0); os.wait()";
        const script = `import os, time\nfor i in range(50):\n  ${fork}\ntime.sleep(2)`;
        const { stdout, stderr, exitCode } = await softdirty(
          ...[
            "record",
            "--children",
            "--tracker",
            "uffd-wp",
            "-i",
            "200ms",
            "-d",
            "1s",
            "-o",
            file,
          ],
          ...["--json", "--", PYTHON, "-c", script],
        );
        expect(exitCode).toBe(0);
        const { missedProcessCount, processCount } = JSON.parse(stdout);
        expect(missedProcessCount + processCount).toBe(51);
        expect(stderr).toContain(`${missedProcessCount} processes came and went between`);
        const marks = [...openTrace(file).events()].filter((one) =>
          "type" in one && one.type === "mark"
        );
        expect(marks).toMatchObject([{ text: expect.stringContaining(`${missedProcessCount} `) }]);
      });
    });

    test("show it in top", async () => {
      const folder = temporaryFolder();
      const parent = spawn("sh", ["-c", `${writeTiny("bare", folder)} & sleep 60; exit`]);
      try {
        await sleep(200);
        const look = ["top", "-p", String(parent.pid), "--children", "--tracker", "uffd-wp"];
        const text = await softdirty(...look, "-i", "100ms", "--once");
        expect(text.stdout).toMatch(/1 of 3 not tracked: \d+ \(tiny\): Process \d+ is a static/);
        const json = await softdirty(...look, "-i", "100ms", "--once", "--json");
        const lines = json.stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
        expect(lines.filter(({ isTracked }) => !isTracked)).toHaveLength(1);
        expect(lines.at(-1)).toMatchObject({
          process: { command: "tiny" },
          reason: "cannot-attach",
        });
      } finally {
        spawnSync("pkill", ["-KILL", "-P", String(parent.pid)]);
        parent.kill("SIGKILL");
      }
    });
  });

  describeUnless(lackOf32Bit)("of 32-bit programs", () => {
    test("refuse them for what they are, in the same words", () =>
      withTarget(() => startTiny("32-bit"), async (target) => {
        const before = viewOf(target.pid);
        const { isAllowed, reason, record } = await both(target.pid);
        expect([isAllowed, record.exitCode]).toEqual([false, 1]);
        expect(reason).toContain("is a 32-bit program");
        expect(record.stderr).toBe(`softdirty: ${reason}\n`);
        await assertUnharmed(target, before);
      }));
  });

  describeUnless(lackOf(PYTHON))("of python3", () => {
    test("track a process whose main thread has ended", () =>
      withTarget(() => startLeaderless(), async (target) => {
        const { isAllowed, record } = await both(target.pid);
        expect([isAllowed, record.exitCode, record.stderr]).toEqual([true, 0, ""]);
        const sd = openLive({ pid: target.pid, output: null, tracker: "uffd-wp" });
        sd.clear();
        while (sd.read().dirty.pageCount < 64) await target.ask({});
        sd.close();
      }));

    // Others may not read seccomp filters.
    const isRoot = process.getuid?.() === 0;
    test.runIf(isRoot).each([
      ["dies for userfaultfd", false, "kills it for userfaultfd(2)"],
      ["forbids userfaultfd", true, ""],
    ])(
      "see what its seccomp filter does, as one that %s",
      (word, canBe, why) =>
        withTarget(() => startBlocked(word), async (target) => {
          const before = viewOf(target.pid);
          const { isAllowed, reason, record } = await both(target.pid);
          expect([isAllowed, record.exitCode]).toEqual([canBe, canBe ? 0 : 1]);
          expect(reason).toContain(why);
          expect(record.stderr).toBe(canBe ? "" : `softdirty: ${reason}\n`);
          await assertUnharmed(target, before);
        }),
    );
  });
});

/** A process whose main thread has ended while others run. */
async function startLeaderless(): Promise<LineProgram> {
  const program = new LineProgram([PYTHON, targetPath("neighbour.py"), "main thread ends"]);
  await program.answer();
  while (!/\) Z /.test(readFileSync(`/proc/${program.pid}/stat`, "utf8"))) await sleep(5);
  return program;
}
