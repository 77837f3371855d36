// Our side of the race, for either runtime: `reader.mjs PID LIBRARY EXTENSION TRACE`. Each line on
// standard input is a round: "read" takes a snapshot, "record" also appends it to TRACE, and "memory"
// tells the highest resident size so far. Answers with a line: nanoseconds, or bytes.

import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";

const [pid, library, extension, trace] = process.argv.slice(2);
const load = (file) => import(new URL(`${file}.${extension}`, library).href);
const { ProcFs } = await load("kernel/proc_fs");
const { SoftDirtyTracker } = await load("kernel/soft_dirty");
const { Snapshot } = await load("core/snapshot");
const { TraceWriter } = await load("trace/writer");
const { createByteSink } = await load("session/files");

const nowNs = () => performance.now() * 1e6;
const tracker = new SoftDirtyTracker(new ProcFs(), nowNs);
const writer = new TraceWriter(createByteSink(trace), {
  type: "header",
  format: "softdirty-trace",
  version: 1,
  writer: "bench",
  originUnixMs: 0,
  host: { hostname: "bench", kernelRelease: "", arch: process.arch, pageSizeBytes: 4096 },
  tracker: "soft-dirty",
  probe: { tracker: "soft-dirty", works: true, readBy: "pagemap", steps: [], reason: "", hint: "" },
});

function read() {
  return new Snapshot({
    ...tracker.read(Number(pid)),
    pageSizeBytes: 4096,
    tracker: "soft-dirty",
    sinceClear: null,
    originUnixMs: 0,
    index: 0,
  });
}

function highestRssBytes() {
  return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync("/proc/self/status", "utf8"))[1]) * 1024;
}

const rounds = { read, record: () => writer.read(read()) };
for await (const round of createInterface({ input: process.stdin })) {
  if (round === "memory") console.log(highestRssBytes());
  else {
    const start = nowNs();
    rounds[round]();
    console.log(Math.round(nowNs() - start));
  }
}
