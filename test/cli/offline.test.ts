/** The command over a trace, which needs no kernel and no rights. */

import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  closeSync,
  copyFileSync,
  openSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeEach, describe, expect, test } from "vitest";
import { VERSION } from "../../lib/core/version.ts";
import { clearAt, snapshot } from "../helpers/drawn_snapshot.ts";
import { HEADER, traceBytes } from "../helpers/memory_trace.ts";
import { commandLine, softdirty } from "../helpers/softdirty.ts";
import { temporaryFolder } from "../helpers/temporary_folder.ts";

const NAME = "/tmp/\x1b[31mred\nname";
let file: string;

beforeEach(() => {
  file = join(temporaryFolder(), "drawn.sdtrace");
  const hostile = snapshot("0x100 rw-p [heap] DDp.\n0x200 rw-s NAME D");
  const vmas = hostile.vmas.map((vma) => vma.name === "NAME" ? { ...vma, name: NAME } : vma);
  writeFileSync(
    file,
    traceBytes((writer) => {
      writer.clear(clearAt(1e6));
      writer.read(snapshot("0x100 rw-p [heap] DDp.", { index: 0 }));
      writer.note({ type: "mark", text: "\x1b]0;owned\x07", atNs: 3e6 });
      writer.clear(clearAt(4e6));
      const fields = { ...hostile, vmas, index: 1, atNs: 5e6, sinceClear: clearAt(4e6) };
      writer.read(snapshot("0 rw-p - D", fields));
      writer.finish();
    }, { ...HEADER, host: { ...HEADER.host, hostname: "\x1b[2J" } }),
  );
});

/** Lines of JSON. */
const json = (stdout: string) => stdout.trim().split("\n").map((line) => JSON.parse(line));

describe("over a trace", () => {
  test("info reports its events and its header", async () => {
    const { exitCode, stdout } = await softdirty("info", file);
    expect(stdout).toContain("2 clear, 2 read, 1 mark");
    expect(exitCode).toBe(0);
    const [info] = json((await softdirty("info", "--json", file)).stdout);
    expect(info).toMatchObject({
      eventCount: 5,
      snapshotCount: 2,
      problems: [],
      header: { version: 3 },
    });
  });

  test("log lists its events", async () => {
    const { stdout } = await softdirty("log", file);
    expect(stdout.match(/ (clear|read|mark) /g)).toEqual([
      " clear ",
      " read ",
      " mark ",
      " clear ",
      " read ",
    ]);
    expect(json((await softdirty("log", "--json", file)).stdout)).toHaveLength(5);
  });

  test("diff compares two snapshots", async () => {
    const { stdout } = await softdirty("diff", file, "0", "-1");
    expect(stdout).toMatch(/became dirty +1 page/);
    expect(stdout).toMatch(/came +\/tmp/);
    const [diff] = json(
      (await softdirty("diff", "--json", file, "0", "1", "--mapping", "[heap]")).stdout,
    );
    expect(diff).toMatchObject({ became: { pages: 0 }, stayed: { pages: 2 }, mappings: [] });
  });

  test("filter narrows to mappings and addresses", async () => {
    const [only] = json(
      (await softdirty("filter", file, "-s", "1", "--perms", "s", "--json")).stdout,
    );
    expect(only.mappings.map((mapping: { name: string }) => mapping.name)).toEqual([NAME]);
    const { stdout } = await softdirty("filter", file, "--pages", "--max-address", "101000");
    expect(stdout).toBe("0\t00100000\t1\t[heap]\n1\t00100000\t1\t[heap]\n");
    expect((await softdirty("filter", file, "--pid", "7")).stdout).toBe("");
  });

  test("nothing from outside reaches the terminal raw", async () => {
    const commands = [["info", file], ["log", file], ["filter", file], ["diff", file, "0", "1"], [
      "filter",
      file,
      "--pages",
    ]];
    for (const command of commands) {
      const { stdout, stderr } = await softdirty(...command);
      // deno-lint-ignore no-control-regex
      expect(stdout + stderr).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/);
    }
  });

  test("a torn tail is reported, and the rest is shown", async () => {
    appendFileSync(file, readFileSync(file).subarray(0, 20));
    const { exitCode, stdout, stderr } = await softdirty("log", file);
    expect(stdout.trim().split("\n")).toHaveLength(5);
    expect(stderr).toMatch(
      /^softdirty: 20 B at byte \d+ of \S+ left out: the last record is incomplete\n$/,
    );
    expect(exitCode).toBe(1);
  });

  test("a damaged record is reported and passed over", async () => {
    const bytes = readFileSync(file);
    bytes[bytes.indexOf("owned")] ^= 1;
    writeFileSync(file, bytes);
    const { exitCode, stdout, stderr } = await softdirty("log", file);
    expect(stderr).toMatch(
      /^softdirty: The mark record at byte \d+ of .* is damaged: its checksum/,
    );
    expect(stdout.match(/ (clear|read|mark) /g)).toEqual([
      " clear ",
      " read ",
      " clear ",
      " read ",
    ]);
    expect(exitCode).toBe(1);
  });

  test("repair writes the index of a file that was cut off, once", async () => {
    const whole = readFileSync(file);
    expect((await softdirty("repair", file)).stdout).toBe(
      `${file}: has its index, of 5 events; nothing to do\n`,
    );
    writeFileSync(file, whole.subarray(0, -20));
    const { stdout, exitCode } = await softdirty("repair", file);
    expect(stdout.replace(/\d+ B at byte \d+/, "N B at byte N")).toBe(
      `${file}: wrote the index of 5 events\n` +
        "N B at byte N left out: the last record is incomplete\n" +
        `the file as it was is ${file}.bak\n`,
    );
    expect(exitCode).toBe(0);
    expect(readFileSync(file).equals(whole)).toBe(true);
    const [again] = json((await softdirty("repair", "--json", file)).stdout);
    expect(again).toEqual({
      ...{ file, index: "present", eventCount: 5, problems: [], leftOut: [], backup: null },
    });
  });

  test("repair leaves damaged records where they are, and says so", async () => {
    const whole = readFileSync(file);
    const bytes = whole.subarray(0, -20);
    bytes[bytes.indexOf("owned")] ^= 1;
    writeFileSync(file, bytes);
    const { stdout } = await softdirty("repair", file);
    expect(stdout).toMatch(/index of 4 events\n\d+ B at byte \d+ stay as they are: no record/);
    for (const command of [["info"], ["log"]]) {
      const { stdout, stderr } = await softdirty(...command, file);
      expect(stdout + stderr).toMatch(
        /\d+ B at byte \d+ (of \S+ )?left out: no record that is whole/,
      );
    }
    expect((await softdirty("repair", file)).stdout).toMatch(/cannot be read: no record/);
  });

  test("conditions that nothing meets are reported", async () => {
    const { stdout, stderr, exitCode } = await softdirty("filter", file, "--mapping", "[stack]");
    expect(stdout.match(/no mapping meets the conditions/g)).toHaveLength(2);
    expect(stderr).toBe("softdirty: no mapping of any snapshot meets the conditions\n");
    expect(exitCode).toBe(0);
  });

  test("a script runs over it", async () => {
    const script = fileURLToPath(new URL("../live/script.mjs", import.meta.url));
    const copy = join(temporaryFolder(), "copy.sdtrace");
    copyFileSync(file, copy);
    const { stderr, exitCode } = await softdirty("run", "--replay", copy, script, "--", "x");
    expect(stderr).toMatch(
      /script\.mjs:\d+:\d+: read\(42\) was asked for, but event 3 of .* is clear\(42\)/,
    );
    expect(exitCode).toBe(1);
  });
});

describe("the command line", () => {
  test("prints its version", async () => {
    expect(await softdirty("--version")).toMatchObject({ exitCode: 0, stdout: `${VERSION}\n` });
  });

  test.each([
    ["no command", []],
    ["an unknown command", ["frobnicate"]],
    ["an unknown option", ["info", "--frobnicate", "x"]],
    ["an argument too few", ["diff", "x"]],
    ["a value of the wrong form", ["record", "-p", "abc"]],
    ["neither a pid nor a command", ["record"]],
    ["both a pid and a command", ["record", "-p", "1", "--", "true"]],
    ["an unknown tracker", ["record", "-p", "1", "--tracker", "magic"]],
  ])("exits with 2 on %s", async (_, args) => {
    const { exitCode, stdout, stderr } = await softdirty(...args);
    expect(exitCode).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).not.toContain("    at ");
  });

  test.each([
    ["a file that is not there", ["info", "/nowhere/x.sdtrace"], /Cannot open .*no such file/],
    ["a folder", ["info", "/tmp"], /Cannot open/],
    ["what is no trace", ["log", "/etc/passwd"], /not a softdirty trace/],
    ["a script that is not there", ["run", "/nowhere/x.mjs"], /no script/],
  ])("exits with 1 on %s, without a stack", async (_, args, message) => {
    const { exitCode, stdout, stderr } = await softdirty(...args);
    expect(stderr).toMatch(message);
    expect(stderr).not.toContain("    at ");
    expect(stdout).toBe("");
    expect(exitCode).toBe(1);
  });

  test("says in safe words what it does not understand", async () => {
    const { stderr } = await softdirty("info", "--\x1b[31m\u202eX");
    expect(stderr).toMatch(/unknown option '--\\x1b\[31m\\u\{202e\}X'/);
  });

  test("fails without a stack when its output cannot be written", () => {
    const out = openSync("/dev/full", "w");
    const [program, ...words] = commandLine("log", file);
    const child = spawnSync(program, words, { stdio: ["ignore", out, "pipe"], encoding: "utf8" });
    closeSync(out);
    expect(child.stderr).toMatch(/no space left/i);
    expect(child.stderr).not.toContain("    at ");
    expect(child.status).toBe(1);
  });

  test("gives errors as JSON where JSON was asked for", async () => {
    const { stderr } = await softdirty("info", "--json", "/nowhere/x");
    expect(JSON.parse(stderr)).toMatchObject({ error: { code: "cannot-open" } });
  });

  test("completes commands and options", async () => {
    expect((await softdirty("complete", "bash")).stdout).toContain("softdirty");
    expect((await softdirty("complete", "--", "filter", "--ma")).stdout).toMatch(
      /--mapping[^]*--max-address/,
    );
  });

  test("a failing script is reported with its line", async () => {
    const script = join(temporaryFolder(), "fails.mjs");
    writeFileSync(script, "export default function () {\n  undefined.x;\n}\n");
    const { exitCode, stderr } = await softdirty("run", "--replay", file, script);
    expect(stderr).toMatch(/fails\.mjs:2:\d+: TypeError: /);
    expect(exitCode).toBe(1);
  });
});
