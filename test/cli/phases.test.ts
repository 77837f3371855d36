import { expect, test } from "vitest";
import { recordingFile } from "../helpers/recordings.ts";
import { softdirty } from "../helpers/softdirty.ts";

test("phases gives the verdict first, then a row for each", async () => {
  const { exitCode, stdout } = await softdirty("phases", recordingFile("node"));
  const lines = stdout.split("\n");
  expect(exitCode).toBe(0);
  expect(lines[0]).toBe(
    "node (pid 106) has 3 phases in 24 windows, from 1.17 MiB/s to 4.89 MiB/s",
  );
  expect(lines[4]).toMatch(/^phase +from +lasts +windows +rate +working set +change +mostly in$/);
  expect(lines[6]).toMatch(/^ +2 +19\.8 s +967 ms +2 .* clear +\[anon\] 86\.8 %, \[heap\]/);
});

test("phases says so where nothing changes", async () => {
  const { stdout } = await softdirty("phases", recordingFile("redis-uffd"));
  expect(stdout).toMatch(
    /^redis-server \(pid 14785\) writes in the same way all the time: 10\.1 MiB/,
  );
});

test("phases prints JSON and CSV", async () => {
  const { stdout } = await softdirty("phases", recordingFile("node"), "--json");
  expect(JSON.parse(stdout).phases).toHaveLength(3);
  const csv = (await softdirty("phases", recordingFile("node"), "--csv")).stdout.trim();
  expect(csv.split("\r\n")).toHaveLength(1 + 3);
});
