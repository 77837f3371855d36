import { expect, test } from "vitest";
import { recordingFile } from "../helpers/recordings.ts";
import { softdirty } from "../helpers/softdirty.ts";

const file = recordingFile("redis");

test("wss gives the verdict first, then the curve", async () => {
  const { exitCode, stdout } = await softdirty("wss", file);
  const lines = stdout.trimEnd().split("\n");
  expect(exitCode).toBe(0);
  expect(lines[0]).toMatch(
    /^redis-server \(pid 106\) writes to [\d.]+ MiB to [\d.]+ MiB in [\d.]+ ms, and to [\d.]+ MiB to [\d.]+ MiB in all of [\d.]+ s$/,
  );
  expect(lines[3]).toMatch(/were dirty in at least one of 24 snapshots$/);
  expect(lines[5]).toMatch(
    /^ *window +snapshots +least +25 % +median +75 % +most +of all +windows$/,
  );
  expect(lines.slice(6, -1).map((line) => line.split(/ {2,}/)[1 + Number(line.startsWith(" "))]))
    .toEqual(["1", "2", "4", "8", "16"]);
});

test("wss takes an expression, and prints JSON and CSV", async () => {
  const [whole, stack] = await Promise.all([
    softdirty("wss", file, "--json"),
    softdirty("wss", file, "--json", "-e", 'mapping == "[stack]"'),
  ]);
  expect(JSON.parse(stack.stdout).pageCount).toBeLessThan(JSON.parse(whole.stdout).pageCount);
  const csv = (await softdirty("wss", file, "--csv")).stdout.trim().split("\r\n");
  expect(csv).toHaveLength(1 + 5);
  expect(csv[1]).toMatch(/^106,redis-server,1,[\d.]+,24,/);
});
