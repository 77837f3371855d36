/** The command on the kernel that the tests run on, whatever that is. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { expect, test } from "vitest";
import { isProven } from "../../lib/core/probe_report.ts";
import { thisKernel } from "../../lib/session/kernel_access.ts";
import { softdirty } from "../helpers/softdirty.ts";
import { temporaryFolder } from "../helpers/temporary_folder.ts";

const kernel = thisKernel();
const works = {
  "soft-dirty": isProven(kernel.probe("soft-dirty")),
  "uffd-wp": isProven(kernel.probe("uffd-wp")),
};
const tracks = works["soft-dirty"] || works["uffd-wp"];
console.log("this kernel tracks with", works);

test("doctor says what the probes proved, and exits by it", async () => {
  const { exitCode, stdout } = await softdirty("doctor");
  for (const [tracker, isProven] of Object.entries(works)) {
    expect(stdout).toContain(
      isProven ? `${tracker} works on this kernel` : `${tracker} does not work here`,
    );
  }
  expect(exitCode).toBe(tracks ? 0 : 1);
  const json = JSON.parse((await softdirty("doctor", "--json")).stdout);
  expect(json.probes).toMatchObject([
    { tracker: "soft-dirty", works: works["soft-dirty"] },
    { tracker: "uffd-wp", works: works["uffd-wp"] },
  ]);
  expect(json.chosen).toBe(
    works["soft-dirty"] ? "soft-dirty" : works["uffd-wp"] ? "uffd-wp" : null,
  );
});

test("doctor looks at a process without touching it", async () => {
  const own = JSON.parse((await softdirty("doctor", "--json", "-p", String(process.pid))).stdout);
  const access = [
    { tracker: "soft-dirty", isAllowed: true },
    { tracker: "uffd-wp", isAllowed: true },
  ];
  expect(own.target).toMatchObject({ pid: process.pid, access });
  const none = JSON.parse((await softdirty("doctor", "--json", "-p", "4194304")).stdout);
  expect(none).toMatchObject({ isReady: false, target: { access: [{ isAllowed: false }, {}] } });
  expect(none.target.access[1].reason).toMatch(/no process 4194304/);
});

test("soft-dirty is refused where the kernel does not have it", async () => {
  const file = join(temporaryFolder(), "x.sdtrace");
  const { exitCode, stdout, stderr } = await softdirty(
    ...["record", "-n", "1", "-i", "10ms", "-o", file, "--tracker", "soft-dirty"],
    ...["-p", String(process.pid)],
  );
  expect(existsSync(file)).toBe(works["soft-dirty"]);
  expect(exitCode).toBe(works["soft-dirty"] ? 0 : 1);
  if (works["soft-dirty"]) expect(stdout).toMatch(/^1 snapshot in /);
  else {
    expect(stderr).toMatch(/has no soft-dirty tracking.*CONFIG_MEM_SOFT_DIRTY/);
    expect(stdout).toBe("");
  }
});
