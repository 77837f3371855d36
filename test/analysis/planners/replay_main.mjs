// Plays a migration of the first process of a trace of several, and none of the others. Prints how many
// processes there are, and how many migrations came out.

import process from "node:process";
import { fileURLToPath } from "node:url";

const isDeno = "deno" in process.versions;
const load = (name) => import(isDeno ? `../../../lib/${name}.ts` : `../../../dist/lib/${name}.js`);
const { migrationsOverLinks } = await load("analysis/planners/links");
const { WindowReplay } = await load("analysis/planners/replay");
const { openTrace } = await load("files/open_trace");

const trace = openTrace(
  fileURLToPath(new URL("../../../recordings/traces/tree.sdtrace", import.meta.url)),
);
const replay = new WindowReplay(trace.snapshots);
const wanted = replay.timelines.map((_, i) => i === 0 ? [0] : []);
const [first] = migrationsOverLinks(replay, wanted);
console.log(replay.timelines.length, first.moments.length);
