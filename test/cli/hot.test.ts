import { expect, test } from "vitest";
import { recordingFile } from "../helpers/recordings.ts";
import { softdirty } from "../helpers/softdirty.ts";

const file = recordingFile("redis");

test("hot gives the verdict first, then the hottest ranges", async () => {
  const { exitCode, stdout } = await softdirty("hot", file);
  const lines = stdout.trimEnd().split("\n");
  expect(exitCode).toBe(0);
  expect(lines[0]).toMatch(
    /^redis-server \(pid 106\) writes to [\d.]+ \w+ all the time: [\d.]+ % of [\d,]+ pages/,
  );
  expect(lines[3]).toMatch(/were dirty in half of 24 snapshots or more, .* in one alone$/);
  expect(lines[5]).toMatch(/^ *address +size +dirty +of all +each +cold for +mapping$/);
  expect(lines).toHaveLength(6 + 20 + 1);
  expect(lines.at(-1)).toMatch(/^and [\d,]+ more ranges; --limit shows more$/);
  const all = (await softdirty("hot", file, "--limit", "100000")).stdout;
  expect(all).not.toContain("more ranges");
});

test("hot takes an expression, and prints JSON and CSV", async () => {
  const { stdout } = await softdirty("hot", file, "--json", "-e", 'mapping == "[stack]"');
  const { ranges } = JSON.parse(stdout);
  expect(ranges.every(({ mapping }: { mapping: string }) => mapping === "[stack]")).toBe(true);
  const csv = (await softdirty("hot", file, "--csv")).stdout.trim().split("\r\n");
  expect(csv).toHaveLength(1 + 20);
  expect(csv[0]).toMatch(/^pid,command,address,pages,dirtyCount/);
});
