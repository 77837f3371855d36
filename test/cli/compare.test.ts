import { expect, test } from "vitest";
import { recordingFile } from "../helpers/recordings.ts";
import { softdirty } from "../helpers/softdirty.ts";

const [a, b] = [recordingFile("redis"), recordingFile("redis-uffd")];

test("compare gives the verdict first, then how sure it is, and the mappings", async () => {
  const { exitCode, stdout } = await softdirty("compare", a, b);
  const lines = stdout.split("\n");
  expect(exitCode).toBe(0);
  expect(lines[0]).toMatch(
    /^redis-server dirties memory no faster or slower, .*: 11\.1 MiB\/s, then 10\.1 MiB\/s, -9\.\d %/,
  );
  expect(lines[1]).toMatch(/^before: whole 2 MiB can be huge pages, which are reported as a whole/);
  expect(lines[2]).toMatch(/^before: whether writes were lost/);
  expect(lines[3]).toBe("24 windows of 665 ms before, 24 windows of 204 ms after");
  expect(lines[4]).toMatch(/^the windows differ in length/);
  expect(lines[5]).toMatch(/^tracked with soft-dirty before, uffd-wp after/);
  expect(lines[7]).toMatch(/^mapping +dirties +then +change$/);
});

test("compare exits with 3 if more grew than was allowed, and else with 0", async () => {
  const slow = ["-e", 'mapping == "/usr/bin/redis-check-rdb"'];
  expect(await softdirty("compare", a, b, "--fail-above", "10%", ...slow)).toMatchObject({
    exitCode: 3,
    stderr: "softdirty: grown by more than 10 %\n",
  });
  expect((await softdirty("compare", a, b, "--fail-above", "500%", ...slow)).exitCode).toBe(0);
  expect((await softdirty("compare", a, b, ...slow)).exitCode).toBe(0);
  expect((await softdirty("compare", b, a, "--fail-above", "0%", ...slow)).exitCode).toBe(0);
  expect(await softdirty("compare", a, b, "--fail-above", "5%", "-e", "size > 1MiB")).toMatchObject(
    {
      exitCode: 0,
      stderr: "softdirty: growth by more than 5 % cannot be ruled out from these windows\n",
    },
  );
  // The name that the option had before.
  expect(await softdirty("compare", a, b, "--fail-over", "500%", ...slow)).toMatchObject({
    exitCode: 0,
    stderr: "softdirty: --fail-over is now called --fail-above\n",
  });
  // A gate that compares nothing is not green.
  expect(await softdirty("compare", a, recordingFile("node"), "--fail-above", "5%")).toMatchObject({
    exitCode: 1,
    stderr: "softdirty: no command is in both traces, so that nothing could be compared\n",
  });
});

test("compare prints JSON and CSV, and refuses what is no percentage", async () => {
  const one = JSON.parse((await softdirty("compare", a, b, "--json")).stdout);
  expect(one).toMatchObject({ command: "redis-server", memory: null });
  const csv = (await softdirty("compare", a, b, "--csv")).stdout.trim().split("\r\n");
  expect(csv).toHaveLength(1 + 1 + one.mappings.length);
  const wrong = await softdirty("compare", a, b, "--fail-above", "much");
  expect(wrong).toMatchObject({ exitCode: 2 });
  expect(wrong.stderr).toContain("Give a percentage, as in 10%.");
});

test("compare says what is in one trace alone, and what cannot be read", async () => {
  const { stdout } = await softdirty("compare", a, recordingFile("python"));
  expect(stdout).toContain("redis-server is in the trace before alone");
  expect(stdout).toContain("python3 is in the trace after alone");
  const missing = await softdirty("compare", a, "/nowhere.sdtrace", "--fail-above", "10%");
  expect(missing.exitCode).toBe(1);
});
