/** `softdirty filter -e`, and what it writes. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openTrace } from "../../lib/session/sd.ts";
import { recordingFile } from "../helpers/recordings.ts";
import { softdirty } from "../helpers/softdirty.ts";
import { temporaryFolder } from "../helpers/temporary_folder.ts";

const file = recordingFile("redis");
const LARGE = "perms has w and size >= 2MiB";

describe("softdirty filter --expression", () => {
  test("shows what it keeps, together with the other options", async () => {
    const shown = await softdirty("filter", file, "-s", "0", "--json", "-e", LARGE);
    const { mappings } = JSON.parse(shown.stdout);
    expect(mappings.length).toBeGreaterThan(0);
    const { stdout, stderr } = await softdirty("filter", file, "-e", LARGE, "--perms", "x");
    expect(stdout).not.toContain("rw-p");
    expect(stderr).toContain("no mapping of any snapshot");
  });

  test("is understood by diff too", async () => {
    const { stdout } = await softdirty("diff", file, "0", "-1", "--json", "-e", "pid == 1");
    expect(JSON.parse(stdout)).toMatchObject({ became: { pages: 0 }, stayed: { pages: 0 } });
  });

  test("shows the place where it is none, in a line and without a stack", async () => {
    const { exitCode, stdout, stderr } = await softdirty("filter", file, "-e", "size >= big");
    expect([exitCode, stdout]).toEqual([2, ""]);
    expect(stderr).toBe(
      "softdirty: Expected a size, as in 4096B, 64k or 2MiB, at character 9: big behind size >=\n",
    );
  });

  test("writes what is left as a trace that says what it is", async () => {
    const output = join(temporaryFolder(), "large.sdtrace");
    const { stdout } = await softdirty("filter", file, "-e", LARGE, "-s", "-1", "-o", output);
    expect(stdout).toBe(`1 of 24 snapshots in ${output}\n`);
    const trace = openTrace(output);
    expect(trace.event(0)).toMatchObject({
      text: `filtered from redis.sdtrace: snapshot -1, ${LARGE}`,
    });
    expect(trace.snapshotCount).toBe(1);
    expect(trace.at(0).vmas.every(({ perms }) => perms.includes("w"))).toBe(true);
    const again = await softdirty("filter", file, "-o", output);
    expect([again.exitCode, again.stdout]).toEqual([1, ""]);
    expect(again.stderr).toContain("already exists");
  });

  test("leaves no file where it is none", async () => {
    const output = join(temporaryFolder(), "none.sdtrace");
    expect((await softdirty("filter", file, "-e", "(", "-o", output)).exitCode).toBe(2);
    expect(existsSync(output)).toBe(false);
  });

  test("is explained by help", async () => {
    expect((await softdirty("filter", "--help")).stdout).toContain('mapping ~ "redis|heap"');
  });
});
