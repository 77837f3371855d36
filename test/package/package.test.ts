/**
 * The package as users get it: packed, installed into an empty folder, and used there by an ordinary
 * user on Node alone, and under Deno.
 */

import { execFile } from "node:child_process";
import { chmodSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { VERSION } from "../../lib/core/version.ts";
import { npmDenoBinary } from "../../scripts/vm/host_programs.ts";
import { recordingFile } from "../helpers/recordings.ts";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../..", import.meta.url));
const UNPRIVILEGED = 65534;
/** What makes a child an ordinary user; whoever is not root is one already. */
const ordinary = process.getuid?.() === 0 ? { uid: UNPRIVILEGED, gid: UNPRIVILEGED } : {};

let folder: string;
let trace: string;
let softdirty: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "softdirty-package-"));
  chmodSync(folder, 0o755);
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  const { stdout } = await run("npm", [
    "pack",
    "--json",
    "--ignore-scripts",
    "--pack-destination",
    folder,
  ], { cwd: root });
  const [{ filename }] = JSON.parse(stdout);
  await run("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund", `./${filename}`], {
    cwd: folder,
  });
  trace = join(folder, "every7.sdtrace");
  cpSync(recordingFile("every7"), trace);
  softdirty = join(folder, "node_modules/softdirty/dist/lib/bundle/main.js");
}, 180_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The 586 pages of the recording, through the command, with the address bounds that it marks. */
async function dirtyPages(command: string, ...args: string[]): Promise<number> {
  const env = {
    HOME: folder,
    PATH: process.env.PATH!,
    NO_COLOR: "1",
    DENO_DIR: join(tmpdir(), "softdirty-deno-dir"),
  };
  const options = { ...ordinary, cwd: folder, env };
  const log = await run(command, [...args, "log", "--json", trace], options);
  const [, min, max] = /area (\w+) (\w+)/.exec(log.stdout)!;
  const bounds = ["--min-address", min, "--max-address", max];
  const { stdout } = await run(
    command,
    [...args, "filter", trace, "-s", "1", ...bounds, "--json"],
    options,
  );
  const { dirtyRuns } = JSON.parse(stdout);
  const pages = dirtyRuns.map(([address]: [string]) => parseInt(address, 16) / 4096);
  expect(pages).toEqual(pages.map((_: number, i: number) => pages[0] + 7 * i));
  return pages.length;
}

test("its versions agree, and it carries nothing but what is used", async () => {
  for (const file of ["package.json", "deno.json"]) {
    expect(JSON.parse(readFileSync(join(root, file), "utf8")).version).toBe(VERSION);
  }
  const { stdout } = await run("npm", ["pack", "--json", "--dry-run", "--ignore-scripts"], {
    cwd: root,
  });
  const files: { path: string }[] = JSON.parse(stdout)[0].files;
  for (const { path } of files) {
    expect(path).toMatch(
      /^(dist\/|recordings\/|lib\/([a-z]+\/)?[A-Z]+\.md|README\.md|LICENSE|CHANGELOG\.md|package\.json)/,
    );
  }
});

test("an ordinary user reads the 586 pages of a trace under Node", async () => {
  expect(await dirtyPages("node", softdirty)).toBe(586);
});

test(
  "an ordinary user reads the 586 pages of a trace under Deno, with read and env permission alone",
  async () => {
    const deno = join(folder, "deno");
    cpSync(npmDenoBinary(join(root, "node_modules")), deno);
    const permissions = ["--allow-read", "--allow-env"];
    expect(await dirtyPages(deno, "run", ...permissions, softdirty)).toBe(586);
  },
  60_000,
);

test("doctor reports to an ordinary user that a process is not theirs", async () => {
  const { stdout } = await run("node", [softdirty, "doctor", "--json", "-p", String(process.pid)], {
    ...ordinary,
    cwd: folder,
  }).catch((error) => error);
  const { target, isReady } = JSON.parse(stdout);
  for (const { isAllowed, reason } of target.access) {
    expect(isAllowed).toBe(ordinary.uid === undefined);
    if (!isAllowed) {
      expect(reason).toMatch(/No permission .*Run as the user of that process, or as root/);
    }
  }
  if (ordinary.uid !== undefined) expect(isReady).toBe(false);
});

test("without DuckDB, which does not come with it, sql says how to come by it", async () => {
  const args = [softdirty, "sql", "select * from traces", trace];
  const { code, stderr } = await run("node", args, { cwd: folder }).catch((error) => error);
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /^softdirty: DuckDB cannot be loaded: .*It is optional: npm install @duckdb\/node-api@\S+\. .*\n$/,
  );
});

test("its command is on the path of the folder that it was installed into", async () => {
  const path = [join(folder, "node_modules/.bin"), process.env.PATH].join(delimiter);
  const { stdout } = await run("softdirty", ["--version"], {
    cwd: folder,
    env: { ...process.env, PATH: path },
  });
  expect(stdout).toBe(`${VERSION}\n`);
});

test("a script has the classes that sd has", async () => {
  writeFileSync(
    join(folder, "script.mjs"),
    `import { Snapshot, TraceReader } from "softdirty";
import { SYNC_MODES } from "softdirty/live";
const trace = sd.open("every7.sdtrace");
console.log(trace instanceof TraceReader, trace.at(-1) instanceof Snapshot, SYNC_MODES.length);
`,
  );
  const args = [softdirty, "run", "--replay", trace, "script.mjs"];
  const { stdout } = await run("node", args, { cwd: folder });
  expect(stdout).toMatch(/^true true \d\n$/);
});

test("a program imports it, with types", async () => {
  writeFileSync(
    join(folder, "use.ts"),
    `import { dirtyRates, openTrace, PageSet, type Snapshot } from "softdirty";
import { importCriu, type ImportedTrace } from "softdirty/import";
import { inspectable } from "softdirty/inspect";
import { openLive, type LiveOptions } from "softdirty/live";
import { rateCsv } from "softdirty/text";
const last: Snapshot = openTrace("every7.sdtrace").at(-1);
const pages: number = last.dirty.intersect(PageSet.from([{ start: 0, end: 1 }])).pageCount;
console.log(pages);
const options: LiveOptions = { pid: 1, output: null };
const readPid = (): number => {
  using sd = inspectable(openLive(options));
  return sd.read().process.pid;
};
const imported: (folders: string[], output: string) => Promise<ImportedTrace> = importCriu;
console.log(typeof readPid, typeof imported, rateCsv(dirtyRates([])).startsWith("pid,"));
// @ts-expect-error a page set has no such member
last.dirty.nothing;
`,
  );
  const tsc = createRequire(import.meta.url).resolve("typescript/package.json");
  const flags = [
    "--strict",
    "--module",
    "nodenext",
    "--target",
    "es2023",
    "--outDir",
    "out",
    "--types",
    "",
  ];
  await run("node", [join(dirname(tsc), "bin/tsc"), ...flags, "use.ts"], {
    cwd: folder,
  })
    .catch((error) => expect.fail(error.stdout));
  const { stdout } = await run("node", ["out/use.js"], { cwd: folder });
  expect(stdout).toBe("0\nfunction function true\n");
});
