/** The command on the kernel that the tests run on, whatever that is. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { expect, test } from "vitest";
import { openLive } from "../../lib/session/sd.ts";
import { softdirty } from "../helpers/softdirty.ts";
import { temporaryFolder } from "../helpers/temporary_folder.ts";

const tracks = openLive({ output: null }).probe().softDirty;
console.log(`this kernel ${tracks ? "tracks" : "does not track"} soft-dirty`);

test("doctor says what the probe proved, and exits by it", async () => {
  const { exitCode, stdout } = await softdirty("doctor");
  expect(stdout).toMatch(
    tracks ? /soft-dirty works on this kernel/ : /soft-dirty does not work here/,
  );
  expect(stdout.match(/expected [01], found [01]/g)).toHaveLength(5);
  expect(exitCode).toBe(tracks ? 0 : 1);
  const json = JSON.parse((await softdirty("doctor", "--json")).stdout);
  expect(json.probe).toMatchObject({ softDirty: tracks });
  expect(json.probe.steps).toHaveLength(5);
});

test("doctor looks at a process without touching it", async () => {
  const own = JSON.parse((await softdirty("doctor", "--json", "-p", String(process.pid))).stdout);
  expect(own.target).toMatchObject({ pid: process.pid, isReadable: true });
  const none = JSON.parse((await softdirty("doctor", "--json", "-p", "4194304")).stdout);
  expect(none).toMatchObject({ isReady: false, target: { isReadable: false } });
  expect(none.target.reason).toMatch(/no process 4194304/);
});

test("record never answers where the kernel does not track", async () => {
  const file = join(temporaryFolder(), "x.sdtrace");
  const { exitCode, stdout, stderr } = await softdirty(
    "record",
    "-n",
    "1",
    "-i",
    "10ms",
    "-o",
    file,
    "-p",
    String(process.pid),
  );
  expect(existsSync(file)).toBe(tracks);
  expect(exitCode).toBe(tracks ? 0 : 1);
  if (tracks) expect(stdout).toMatch(/^1 snapshot in /);
  else {
    expect(stderr).toMatch(/has no soft-dirty tracking.*CONFIG_MEM_SOFT_DIRTY/);
    expect(stdout).toBe("");
  }
});
