/** `softdirty import`, as it is typed. */

import { existsSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { openTrace } from "../../lib/session/sd.ts";
import { writeDump } from "../helpers/criu_images.ts";
import { criuRecording, targetPlaces } from "../helpers/criu_recording.ts";
import { pages } from "../helpers/drawn_pages.ts";
import { softdirty } from "../helpers/softdirty.ts";
import { temporaryFolder } from "../helpers/temporary_folder.ts";

const { pid } = targetPlaces("parent");
const COPIES = ["2", "3"].flatMap((name) => [
  ...["--pagemap", criuRecording(`${name}.pagemap`)],
  ...["--maps", criuRecording(`${name}.maps`)],
]);

let folder: string;
let output: string;
beforeEach(() => {
  folder = temporaryFolder();
  output = join(folder, "imported.sdtrace");
});

describe("softdirty import", () => {
  test("makes a trace of a chain of CRIU's dumps, and reports what it does not show", async () => {
    const { exitCode, stdout, stderr } = await softdirty(
      "import",
      criuRecording("3"),
      "-o",
      output,
    );
    expect([exitCode, stderr]).toEqual([0, ""]);
    const [counts, ...remarks] = stdout.trim().split("\n");
    expect(counts).toBe(`6 snapshots of 2 processes in ${output}`);
    expect(remarks[0]).toBe("- imported from 3 dumps of CRIU, oldest first: 1, 2, 3");
    expect(remarks).toHaveLength(6);
    const marks = [...openTrace(output).events()].filter((event) => "text" in event);
    expect(marks.map((event) => "text" in event && `- ${event.text}`)).toEqual(remarks);
  });

  test("makes what the other commands take", async () => {
    await softdirty("import", criuRecording("3"), "-o", output);
    const info = await softdirty("info", output);
    expect(info.stdout).toContain("import of CRIU's images");
    expect(info.stdout).toContain("tracker   soft-dirty, CRIU tracked with it");
    expect(info.stdout).not.toContain("proven");
    const shown = await softdirty("filter", output, "-s", "-2");
    expect(shown.stdout).toContain(
      "13.8 MiB writable, 432 KiB (3.1 %) untracked: what was imported has nothing of it",
    );
    expect(shown.stdout).not.toContain("hugetlb");
    const rate = JSON.parse((await softdirty("rate", output, "--json")).stdout.split("\n")[0]);
    expect(JSON.stringify(rate)).toContain('"command":"every7th"');
    for (const command of ["wss", "hot", "log"]) {
      const { exitCode, stdout } = await softdirty(command, output);
      expect([exitCode, stdout.includes(`(pid ${pid})`)]).toEqual([0, true]);
    }
  });

  test("makes a trace of copies of pagemap", async () => {
    const reported = ["-p", String(pid), "--command", "every7th", "-i", "2s", "--cleared", "1s"];
    const { exitCode, stdout } = await softdirty("import", ...COPIES, ...reported, "-o", output);
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`2 snapshots of 1 process in ${output}\n`);
    const shown = await softdirty("filter", output, "-s", "0");
    expect(shown.stdout).toContain(`every7th (pid ${pid}), 1.00 s after the clear`);
    expect(shown.stdout).toContain("403 pages dirty");
  });

  test("prints JSON", async () => {
    const { stdout } = await softdirty("import", criuRecording("3"), "-o", output, "--json");
    expect(JSON.parse(stdout)).toMatchObject({ output, snapshotCount: 6, processCount: 2 });
  });

  test("writes over no file", async () => {
    writeFileSync(output, "mine");
    const { exitCode, stderr } = await softdirty("import", criuRecording("3"), "-o", output);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("already exists");
  });

  test.each<[string, string[], RegExp]>([
    ["nothing to import", [], /give one of DIR\.\.\. and --pagemap FILE --maps FILE/],
    ["both", ["dir", ...COPIES], /give one of/],
    ["copies that do not pair", COPIES.slice(0, 6), /there are 1 and 2/],
    ["a pid for CRIU's images", ["dir", "-p", "1"], /CRIU's images have them/],
    ["a page size that is none", ["dir", "--page-size", "5000B"], /Give a power of two/],
    ["a duration that is none", ["dir", "-i", "soon"], /Give a duration/],
  ])("calls it wrong usage to give %s", async (_, args, error) => {
    const { exitCode, stdout, stderr } = await softdirty("import", ...args, "-o", output);
    expect([exitCode, stdout, existsSync(output)]).toEqual([2, "", false]);
    expect(stderr).toMatch(error);
  });

  test("asks for a file to write", async () => {
    const { exitCode, stderr } = await softdirty("import", criuRecording("3"));
    expect(exitCode).toBe(2);
    expect(stderr).toContain("required option '-o, --output <file>' not specified");
  });
});

describe("softdirty import fails in one line, without a stack or a file, for", () => {
  const failed = async (...args: string[]) => {
    const { exitCode, stdout, stderr } = await softdirty("import", ...args, "-o", output);
    expect([exitCode, stdout, existsSync(output)]).toEqual([1, "", false]);
    expect(stderr).toMatch(/^softdirty: [^\n]*\n$/);
    expect(stderr.trimEnd()).not.toMatch(/\p{Cc}| at \S+:\d+/u);
    return stderr;
  };

  test("an image that is damaged, of a folder with a hostile name", async () => {
    const dump = writeDump(join(folder, "\x1b[31mred"), {
      processes: { 1: { written: pages("##"), inParent: pages("..") } },
    });
    writeFileSync(join(dump, "pagemap-1.img"), "\x1b]0;title\x07");
    const stderr = await failed(dump);
    expect(stderr).toContain("\\x1b[31mred/pagemap-1.img as an image of CRIU: ");
  });

  test("a dump without a parent", async () => {
    expect(await failed(criuRecording("1"))).toContain("--prev-images-dir");
  });

  test("parents that go in a circle", async () => {
    const dump = writeDump(join(folder, "round"), {
      processes: { 1: { written: pages("##"), inParent: pages("..") } },
    });
    symlinkSync(".", join(dump, "parent"));
    expect(await failed(dump)).toContain("have no end");
  });

  test("a copy that is too short", async () => {
    const pagemap = join(folder, "short");
    writeFileSync(pagemap, new Uint8Array(16));
    const stderr = await failed("--pagemap", pagemap, "--maps", criuRecording("3.maps"));
    expect(stderr).toContain("it has 2 entries: expected 5700");
  });
});

test("softdirty import names hostile processes and files without a harm to the terminal", async () => {
  const mappings = [{ start: 1, end: 3, status: 0x41, flags: 2, objectId: 5 }];
  const first = writeDump(join(folder, "\x1b[1mfirst"), {
    processes: { 1: { written: pages(".##"), inParent: pages("") } },
    uptimeUs: 1,
    mode: 1,
  });
  const second = writeDump(join(folder, "second"), {
    processes: {
      1: { written: pages(".#"), inParent: pages("..#"), mappings, command: "\x1b[31mred" },
    },
    uptimeUs: 1e6,
    files: { 5: "/tmp/\x1b[2Jgone\n" },
  });
  const { exitCode, stdout } = await softdirty("import", first, second, "-o", output);
  const shown = await softdirty("filter", output);
  expect([exitCode, shown.exitCode]).toEqual([0, 0]);
  expect(shown.stdout).toContain("/tmp/\\x1b[2Jgone\\x0a");
  expect(shown.stdout).toContain("\\x1b[31mred (pid 1)");
  expect((stdout + shown.stdout).replaceAll("\n", "")).not.toMatch(/\p{Cc}/u);
});
