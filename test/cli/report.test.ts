import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { recordingFile } from "../helpers/recordings.ts";
import { softdirty } from "../helpers/softdirty.ts";
import { temporaryFolder } from "../helpers/temporary_folder.ts";

test("report writes a page that only its owner can read, and writes none over", async () => {
  const output = join(temporaryFolder(), "report.html");
  const { exitCode, stdout } = await softdirty("report", recordingFile("tree"), "-o", output);
  expect([exitCode, stdout]).toEqual([0, expect.stringMatching(/^\d+ KiB in /)]);
  expect(statSync(output).mode & 0o777).toBe(0o600);
  const page = readFileSync(output, "utf8");
  expect(page).toMatch(/^<!doctype html>/);
  expect(await softdirty("report", recordingFile("redis"), "-o", output)).toMatchObject({
    exitCode: 1,
    stderr: expect.stringMatching(/^softdirty: Cannot write .*: file already exists/),
  });
  expect(readFileSync(output, "utf8")).toBe(page);
});

test("report takes an expression, and reports what cannot be read", async () => {
  const output = join(temporaryFolder(), "report.html");
  const args = ["-e", 'mapping == "[stack]"', "-o", output];
  expect((await softdirty("report", recordingFile("redis"), ...args)).exitCode).toBe(0);
  const page = readFileSync(output, "utf8");
  expect(page).not.toContain("redis-check-rdb");
  expect(page).toContain(String.raw`"expression":"mapping == \"[stack]\""`);
  const none = ["-e", "pid == 1", "-o", `${output}3`];
  expect((await softdirty("report", recordingFile("redis"), ...none)).stderr).toMatch(
    /^softdirty: no mapping of any snapshot .* meets the conditions\n$/,
  );
  expect((await softdirty("report", "/nowhere", "-o", `${output}2`)).exitCode).toBe(1);
  expect((await softdirty("report", recordingFile("redis"))).exitCode).toBe(2);
});
