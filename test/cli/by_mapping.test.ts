import { expect, test } from "vitest";
import { recordingFile } from "../helpers/recordings.ts";
import { softdirty } from "../helpers/softdirty.ts";

test("by-mapping gives the verdict first, then the mappings", async () => {
  const { exitCode, stdout } = await softdirty("by-mapping", recordingFile("redis"));
  const lines = stdout.trimEnd().split("\n");
  expect(exitCode).toBe(0);
  expect(lines[0]).toBe(
    "redis-server (pid 106) writes mostly to 2 of 114 mappings: 99.3 % of its dirty pages, " +
      "[anon] 75.4 % in one",
  );
  expect(lines[5]).toMatch(/^mapping +address +perms +size +present +dirty +rate +new$/);
  expect(lines[7]).toMatch(/^\[anon\] .* 9\.00 MiB$/);
});

test("by-mapping says what went, and leaves out what its tracker does not report", async () => {
  const { stdout } = await softdirty("by-mapping", recordingFile("redis-uffd"));
  expect(stdout).toMatch(/^mapping +address +perms +size +dirty +rate *$/m);
  const gone = await softdirty("by-mapping", recordingFile("node"));
  expect(gone.stdout).toMatch(/^\[anon\] .* gone$/m);
});

test("by-mapping prints JSON and CSV", async () => {
  const file = recordingFile("redis");
  const { stdout } = await softdirty("by-mapping", file, "--json", "-e", 'mapping == "[stack]"');
  expect(JSON.parse(stdout).mappings).toMatchObject([{ name: "[stack]", isThere: true }]);
  const csv = (await softdirty("by-mapping", file, "--csv")).stdout.trim().split("\r\n");
  expect(csv).toHaveLength(1 + 114);
  expect(csv[1]).toMatch(/^106,redis-server,\[anon\],rw-p,7f5eadc00000,2048,/);
});
