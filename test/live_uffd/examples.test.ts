/** The scripts of `scripts/examples`, live, and over what they recorded: each says the same twice. */

import { createInterface } from "node:readline";
import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openTrace } from "../../lib/session/sd.ts";
import { softdirty } from "../helpers/softdirty.ts";
import { temporaryFolder } from "../helpers/temporary_folder.ts";
import { targetPath } from "./lines.ts";
import { describeLive } from "./proven.ts";

const FOLDER = fileURLToPath(new URL("../../scripts/examples/", import.meta.url));
const tried = new Set<string>();

/** What a script says live; over its trace it says the same. */
async function said(script: string, options: string[], args: string[]): Promise<string> {
  tried.add(script);
  const file = join(temporaryFolder(), "a.sdtrace");
  const run = ["run", join(FOLDER, script)];
  const live = await softdirty(...run, ...options, "-o", file, "--", ...args);
  expect(live).toMatchObject({ exitCode: 0, stderr: "" });
  const replayed = await softdirty(...run, "--replay", file, "--", ...args);
  expect(replayed).toEqual(live);
  expect(openTrace(file).snapshotCount).toBeGreaterThan(1);
  return live.stdout;
}

interface Server {
  readonly child: ChildProcess;
  readonly pid: string;
  readonly url: string;
}

/** Starts one that writes to so many pages each 10 ms. */
async function startServer(perTick: number): Promise<Server> {
  const child = spawn("node", [targetPath("pages.mjs"), String(perTick)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const { value: port } = await createInterface({ input: child.stdout! })[Symbol.asyncIterator]()
    .next();
  return { child, pid: String(child.pid), url: `http://127.0.0.1:${port}` };
}

describeLive("the example", () => {
  let quiet: Server;
  let busy: Server;
  beforeAll(async () => {
    [quiet, busy] = await Promise.all([startServer(20), startServer(2000)]);
  });
  afterAll(() => {
    for (const { child } of [quiet, busy]) child.kill("SIGKILL");
  });

  test("alert_rate.mjs reports when a bound is exceeded, and where", async () => {
    const text = await said("alert_rate.mjs", ["-p", busy.pid], ["20", "8"]);
    expect(text).toMatch(/^20\S+Z node dirties \d+\.\d MiB\/s, most of it in \[anon\]$/m);
    expect(text).toMatch(/^[1-8] of 8 snapshots were above 20 MiB\/s$/m);
    const calm = await said("alert_rate.mjs", ["-p", quiet.pid], ["1000", "3"]);
    expect(calm).toBe("0 of 3 snapshots were above 1000 MiB/s\n");
  });

  test("dirtiest_request.mjs finds the request that makes a server write to most", async () => {
    const paths = ["/write/10", "/write/3000", "/write/700"];
    const text = await said("dirtiest_request.mjs", ["-p", quiet.pid], [quiet.url, ...paths]);
    const lines = text.trimEnd().split("\n");
    expect(lines.map((line) => line.trim().split("  ")[1])).toEqual([
      ...["/write/3000", "/write/700", "/write/10", undefined],
    ]);
    expect(lines.at(-1)).toBe("/write/3000 writes to most");
    expect(parseInt(lines[0])).toBeGreaterThanOrEqual(3000);
  });

  test("compare_builds.mjs reports which of two processes dirties memory faster", async () => {
    const text = await said("compare_builds.mjs", [], [quiet.pid, busy.pid, "6"]);
    expect(text).toMatch(/^node dirties memory faster: /);
    expect(text).toMatch(/^the new build dirties memory faster$/m);
    const turned = await said("compare_builds.mjs", [], [busy.pid, quiet.pid, "6"]);
    expect(turned).toMatch(/^no build is worse$/m);
  });

  test("nightly_report.mjs reports the working set and what it is made of", async () => {
    const text = await said("nightly_report.mjs", ["-p", quiet.pid], ["3"]);
    expect(text).toMatch(
      /^working set on 20\d\d-\d\d-\d\d\n\nnode( pages\.mjs)? \(pid \d+\) writes to /,
    );
    expect(text).toMatch(/^window +snapshots +least/m);
    expect(text).toMatch(/writes mostly to \d+ of \d+ mappings/);
  });

  test("always_dirty.mjs prints the pages that are written in each interval", async () => {
    const text = await said("always_dirty.mjs", ["-p", busy.pid], ["4"]);
    const [, pages] = /^(\d+) pages were dirty in each of 4 snapshots$/m.exec(text)!;
    expect(Number(pages)).toBeGreaterThanOrEqual(2000);
    const runs = [...text.matchAll(/^[0-9a-f]+ (\d+) \S+/gm)];
    expect(runs.at(-1)).toBeDefined();
  });

  test("step_by_step.mjs reports what each step makes the target write", async () => {
    const ask = (count: number) => `node -e "fetch('${quiet.url}/write/${count}')"`;
    const text = await said("step_by_step.mjs", ["-p", quiet.pid], [ask(5), ask(4000)]);
    const pages = [...text.matchAll(/: (\d+) pages$/gm)].map(([, count]) => Number(count));
    expect(pages).toHaveLength(2);
    expect(pages[1]).toBeGreaterThanOrEqual(4000);
    expect(pages[1] - pages[0]).toBeGreaterThan(3000);
  });

  test("is tried, whichever it is", () => {
    const scripts = readdirSync(FOLDER).filter((name) => name.endsWith(".mjs"));
    expect([...tried].sort()).toEqual(scripts.sort());
  });
});
