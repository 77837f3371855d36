/** `softdirty top` of processes that know nothing of it. */

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { openTrace } from "../../lib/files/open_trace.ts";
import { openReplay } from "../../lib/session/sd.ts";
import { softdirty } from "../helpers/softdirty.ts";
import { temporaryFolder } from "../helpers/temporary_folder.ts";
import { TestTerminal } from "../helpers/terminal.ts";
import { LineProgram, targetPath } from "./lines.ts";
import { describeLive } from "./proven.ts";
import { PYTHON, startPython } from "./targets.ts";
import { withTarget } from "./with_target.ts";

/** Begins a command line of a shell: python3 runs $CODE beside it, and has printed something. */
const PYTHON_BESIDE = 'python3 -c "$CODE" >ready & until [ -s ready ]; do sleep .1; done; ';
/** The rest of such a program: it writes to 1 MiB again and again. */
const WRITING = "import time\nb=bytearray(1<<20)\nprint(flush=True)\n" +
  "while True:\n for i in range(0,1<<20,4096): b[i]=(b[i]+1)&255\n time.sleep(.01)";

describeLive("top", () => {
  test("prints one look at several processes", async () => {
    await withTarget(() => startPython(), (a) =>
      withTarget(() => startPython(), async (b) => {
        const pids = ["-p", String(a.pid), "-p", String(b.pid)];
        const { exitCode, stdout, stderr } = await softdirty(
          ...["top", ...pids, "--tracker", "uffd-wp", "-i", "100ms", "--once", "--json"],
        );
        expect([exitCode, stderr]).toEqual([0, ""]);
        const looks = stdout.trim().split("\n").map((line) => JSON.parse(line));
        const group = looks.pop();
        expect(group.members.map(({ pid }: { pid: number }) => pid)).toEqual([a.pid, b.pid]);
        expect(looks.map(({ process: { pid } }) => pid).sort()).toEqual([a.pid, b.pid].sort());
        for (const { tracker, totals } of looks) {
          expect([tracker, totals.windowCount]).toEqual(["uffd-wp", 1]);
        }
      }));
  });

  test("counts what a process writes once, also if it is named twice, and shows its mappings", async () => {
    await withTarget(
      () => Promise.resolve(new LineProgram([PYTHON, targetPath("writing.py")])),
      async ({ pid }) => {
        const args = ["-p", `${pid},${pid}`, "--tracker", "uffd-wp", "-i", "200ms", "--once"];
        const { stdout } = await softdirty("top", ...args, "--json");
        expect(JSON.parse(stdout).bytesPerSecond).toBeGreaterThan(1e6);
        const text = await softdirty("top", ...args);
        expect(text.stdout).toMatch(
          /python3 writing.py \(pid \d+\) writes .*MiB\/s; its working set/,
        );
        expect(text.stdout).toMatch(/rw-p \[anon\]/);
        const some = await softdirty("top", "-p", `${pid},4194304`, "-i", "100ms", "--once");
        expect([some.exitCode, some.stderr]).toEqual([1, expect.stringContaining("4194304")]);
      },
    );
  });

  test("records from where r is pressed until it is pressed again, and shows who ended", async () => {
    const folder = temporaryFolder();
    const terminal = new TestTerminal(
      `cd ${folder}; ${PYTHON_BESIDE} $SOFTDIRTY top -p $! --tracker uffd-wp -i 100ms; kill $!`,
      80,
      24,
      { CODE: WRITING },
    );
    await terminal.sees(/python3 \(pid \d+\) writes .*MiB\/s[^]*\[anon\]/);
    terminal.type("\x1b");
    await terminal.sees(/^> +\d+ python3 .*MiB\/s/m);
    terminal.type("r");
    await terminal.sees(/RECORDING into recordings\/.*\.sdtrace/);
    const [name] = readdirSync(join(folder, "recordings"));
    const file = join(folder, "recordings", name);
    while (openTrace(file).snapshotCount < 3) await sleep(50);
    terminal.type("r");
    await terminal.sees(/recorded recordings\/.*\.sdtrace/);
    terminal.type("q");
    await terminal.ended();
    expect(readdirSync(join(folder, "recordings"))).toEqual([name]);
    const trace = openTrace(file);
    for (const { sinceClear, dirtyPopulated } of trace.snapshots) {
      expect(sinceClear).not.toBeNull();
      expect(dirtyPopulated.pageCount).toBeGreaterThanOrEqual(256);
    }
    expect(trace.problems).toEqual([]);
    const sd = openReplay(file);
    for await (const snapshot of sd.watch()) expect(snapshot.process.command).toBe("python3");
  });

  test("watches the process that is chosen from a list", async () => {
    const name = `chosen${process.pid}`;
    const terminal = new TestTerminal(
      `cd ${temporaryFolder()}; ${PYTHON_BESIDE} $SOFTDIRTY top -i 100ms; kill $!`,
      80,
      24,
      { CODE: `open("/proc/self/comm","w").write("${name}")\n${WRITING}` },
    );
    await terminal.sees(/which process/);
    terminal.type(name);
    await terminal.sees(new RegExp(`^> .* ${name}$`, "m"));
    terminal.type("\r");
    await terminal.sees(new RegExp(`${name} \\(pid \\d+\\) writes .*MiB/s[^]*\\[anon\\]`));
    terminal.type("q");
    await terminal.ended();
    expect(terminal.isAlternate).toBe(false);
  });

  test("says which process cannot be watched", async () => {
    const { exitCode, stderr } = await softdirty("top", "-p", "4194304", "--once");
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^softdirty: .*4194304/);
  });
});
