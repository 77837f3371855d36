/** Where commands write what they make. */

import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { openTrace } from "../../lib/session/sd.ts";
import { recordingFile } from "../helpers/recordings.ts";
import { shellLine, softdirty } from "../helpers/softdirty.ts";
import { temporaryFolder } from "../helpers/temporary_folder.ts";

const redis = recordingFile("redis");
const images = fileURLToPath(new URL("../import/criu/images/3", import.meta.url));

/** Commands that write a file, without its name; with a source that there is, and one that there is not. */
const COMMANDS: Record<string, (source: string | undefined) => string[]> = {
  report: (source = redis) => ["report", source],
  "export --format csv": (source = redis) => ["export", "--format", "csv", source],
  "export --format trace-event": (source = redis) => ["export", "--format", "trace-event", source],
  filter: (source = redis) => ["filter", source],
  import: (source = images) => ["import", source],
};

describe.each(Object.entries(COMMANDS))("softdirty %s", (_, command) => {
  test("refuses an output that cannot be made before it looks at the trace", async () => {
    const folder = temporaryFolder();
    const taken = join(folder, "taken");
    writeFileSync(taken, "taken");
    mkdirSync(join(folder, "folder"));
    symlinkSync(taken, join(folder, "link"));
    const refused = async (output: string, ...options: string[]) => {
      const run = await softdirty(...command("/nowhere"), "-o", output, ...options);
      expect(run.exitCode).toBe(1);
      return run.stderr;
    };
    expect(await refused(taken)).toMatch(
      /^softdirty: Cannot write .*taken: file already exists\. .*--force\n$/,
    );
    expect(await refused(join(folder, "folder"), "--force")).toMatch(/: it is a folder/);
    expect(await refused(join(folder, "link"), "--force")).toMatch(/: it is a symbolic link/);
    expect(await refused("/dev/null", "--force")).toMatch(/: it is no regular file/);
    expect(await refused(join(taken, "x"))).toMatch(/Cannot write/);
    expect(readFileSync(taken, "utf8")).toBe("taken");
  });

  test("replaces with --force, but only once the new file is whole", async () => {
    const folder = temporaryFolder();
    const output = join(folder, "output");
    writeFileSync(output, "before");
    chmodSync(output, 0o644);
    expect((await softdirty(...command("/nowhere"), "-o", output, "--force")).exitCode).toBe(1);
    expect(readFileSync(output, "utf8")).toBe("before");
    const run = await softdirty(...command(undefined), "-o", output, "--force");
    expect([run.exitCode, run.stderr]).toEqual([0, ""]);
    expect(readFileSync(output).length).toBeGreaterThan(1000);
    expect(statSync(output).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(["output"]);
  });

  test("writes the same to standard output, and what it says to standard error", async () => {
    const folder = temporaryFolder();
    const [file, piped] = [join(folder, "file"), join(folder, "piped")];
    expect((await softdirty(...command(undefined), "-o", file)).exitCode).toBe(0);
    const line = `${shellLine(...command(undefined), "-o", "-")} | cat > '${piped}'`;
    const { status, stdout } = spawnSync("sh", ["-c", line], { encoding: "utf8", cwd: folder });
    expect([status, stdout]).toEqual([0, ""]);
    expect(readFileSync(piped).equals(readFileSync(file))).toBe(true);
    expect(existsSync(join(folder, "-"))).toBe(false);
  });
});

test("a trace that came through a pipe is one, and none goes to a terminal", () => {
  const folder = temporaryFolder();
  const line = `${shellLine("filter", redis, "-e", "perms has w", "-o", "-")} > a.sdtrace`;
  expect(spawnSync("sh", ["-c", line], { cwd: folder }).status).toBe(0);
  expect(openTrace(join(folder, "a.sdtrace")).snapshotCount).toBe(openTrace(redis).snapshotCount);
  const onTerminal = spawnSync("script", [
    ...["-qefc", shellLine("filter", redis, "-o", "-"), "/dev/null"],
  ], { encoding: "utf8", input: "" });
  expect(onTerminal.status).toBe(1);
  expect(onTerminal.stdout).toMatch(/Cannot write standard output: it is a terminal/);
});

test("a filtered trace can replace the one that it is made of", async () => {
  const file = join(temporaryFolder(), "a.sdtrace");
  writeFileSync(file, readFileSync(redis));
  const { exitCode } = await softdirty("filter", file, "-s", "0", "-o", file, "--force");
  expect(exitCode).toBe(0);
  expect(openTrace(file).snapshotCount).toBe(1);
});

test("tables of Parquet are replaced with --force, and need a folder", async () => {
  const folder = join(temporaryFolder(), "tables");
  const exported = (...options: string[]) =>
    softdirty("export", redis, "--format", "parquet", "--table", "snapshots", ...options);
  expect((await exported("-o", folder)).exitCode).toBe(0);
  expect((await exported("-o", folder)).stderr).toMatch(/file already exists.*--force/);
  expect((await exported("-o", folder, "--force")).exitCode).toBe(0);
  expect((await exported("-o", "-")).stderr).toMatch(/parquet needs a folder/);
});

test("a shell and a script have no trace on standard output", async () => {
  expect((await softdirty("run", "x.mjs", "-o", "-")).stderr).toMatch(/-o - is for record/);
  expect((await softdirty("repl", "-o", "-")).stderr).toMatch(/-o - is for record/);
});
