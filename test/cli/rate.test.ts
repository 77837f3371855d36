import { expect, test } from "vitest";
import { recordingFile } from "../helpers/recordings.ts";
import { softdirty } from "../helpers/softdirty.ts";

const file = recordingFile("redis");

test("rate gives the verdict first, then how sure it is, and the mappings", async () => {
  const { exitCode, stdout } = await softdirty("rate", file);
  const lines = stdout.split("\n");
  expect(exitCode).toBe(0);
  expect(lines[0]).toMatch(
    /^redis-server \(pid \d+\) dirties between 2\.75 MiB\/s and 11\.1 MiB\/s, over 24 windows of 665 ms/,
  );
  expect(lines[3]).toMatch(/^half of them up to .*\/s, nine in ten up to .*; from .* to .*\/s$/);
  expect(lines[4]).toMatch(/windows include the clear and the read/);
  expect(lines.slice(6, 8).join("\n")).toMatch(/^mapping +mean +of all +median +most\n\[anon\]/);
});

test("rate takes an expression, and prints JSON and CSV", async () => {
  const { stdout } = await softdirty("rate", file, "--json", "-e", 'mapping == "[stack]"');
  const rate = JSON.parse(stdout);
  expect(rate.mappings.map(({ name }: { name: string }) => name)).toEqual(["[stack]"]);
  expect(rate.dirtyPages).toBe(rate.mappings[0].dirtyPages);
  const csv = (await softdirty("rate", file, "--csv")).stdout.trim().split("\r\n");
  expect(csv[0]).toMatch(/^pid,command,mapping,dirtyPages,/);
  expect(csv[1]).toMatch(/^106,redis-server,,45474,/);
});

test("rate says so if there is nothing to measure", async () => {
  const { exitCode, stdout, stderr } = await softdirty("rate", file, "-e", "pid == 1");
  expect([exitCode, stdout]).toEqual([0, ""]);
  expect(stderr).toContain(
    "no mapping of any snapshot that was measured from a clear meets the conditions",
  );
});
