// Our side of the races, for either runtime: `contender.mjs PID LIBRARY EXTENSION TRACE`. Each line on
// standard input is a round. "read" takes a snapshot over the file pagemap and "record" also appends it
// to TRACE; "take" is `sd.take` with uffd-wp, and "attach" a first clear of a new session. Answers with
// a line: nanoseconds (for "take" also the pages found, for "attach" the time that the target stood
// still). "union" decodes and unites the snapshots of TRACE, "lines FILE" does so over JSON Lines, "raw
// FILE COUNT" over so many pagemaps; "open" opens TRACE and sums it up, "seek N" opens it and decodes a
// snapshot. "memory" prints the highest resident size so far, in bytes.

import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";

const [pid, library, extension, trace] = process.argv.slice(2);
const load = (file) => import(new URL(`${file}.${extension}`, library).href);
const { ProcFs } = await load("kernel/proc/proc_fs");
const { SoftDirtyTracker } = await load("kernel/soft_dirty");
const { Snapshot } = await load("core/snapshot");
const { TraceWriter } = await load("trace/writer");
const { FORMAT_NAME, FORMAT_VERSION } = await load("trace/schema");
const { createByteSink } = await load("files/sink_file");
const { openLive } = await load("session/live");
const { openTrace } = await load("files/open_trace");
const { summarize } = await load("trace/summary");

const nowNs = () => performance.now() * 1e6;
const tracker = new SoftDirtyTracker(new ProcFs(), nowNs);
const live = { pid: Number(pid), output: null, tracker: "uffd-wp" };
let writer;
let taking;

/** Created late: not each race writes a trace. */
function traceWriter() {
  return writer ??= new TraceWriter(createByteSink(trace), {
    type: "header",
    format: FORMAT_NAME,
    version: FORMAT_VERSION,
    writer: "bench",
    originUnixMs: 0,
    host: { hostname: "bench", kernelRelease: "", arch: process.arch, pageSizeBytes: 4096 },
    tracker: "soft-dirty",
    probe: {
      tracker: "soft-dirty",
      works: true,
      readBy: "pagemap",
      steps: [{ action: "write", expectedDirty: true, foundDirty: true }],
      reason: "",
      hint: "",
    },
  });
}

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

function timed(action) {
  const startNs = nowNs();
  const result = action();
  return { ns: Math.round(nowNs() - startNs), result };
}

const rounds = {
  read: () => timed(read).ns,
  record: () => timed(() => traceWriter().read(read())).ns,
  take() {
    if (taking === undefined) {
      taking = openLive(live);
      taking.clear();
    }
    const { ns, result } = timed(() => taking.take());
    return `${ns} ${result.dirty.pageCount}`;
  },
  attach() {
    const sd = openLive(live);
    sd.probe();
    const { ns, result } = timed(() => sd.clear());
    sd.close();
    return `${ns} ${result.stoppedNs}`;
  },
  union: () => timed(() => openTrace(trace).dirtyUnion()).ns,
  lines(path) {
    const { ns } = timed(() => {
      const seen = new Set();
      for (const line of readFileSync(path, "utf8").split("\n")) {
        if (line !== "") { for (const page of JSON.parse(line).dirty) seen.add(page); }
      }
    });
    return ns;
  },
  raw(path, count) {
    const { ns } = timed(() => {
      let union;
      for (let i = 0; i < Number(count); i++) {
        const bytes = readFileSync(path);
        const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
        union ??= new Uint8Array(words.length / 2);
        // Bit 55 of each entry.
        for (let page = 0; page < union.length; page++) {
          union[page] |= words[page * 2 + 1] >>> 23 & 1;
        }
      }
    });
    return ns;
  },
  open: () => timed(() => summarize(openTrace(trace))).ns,
  seek(index) {
    const opened = openTrace(trace);
    return timed(() => opened.at(Number(index))).ns;
  },
  memory: () =>
    Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync("/proc/self/status", "utf8"))[1]) * 1024,
};

for await (const line of createInterface({ input: process.stdin })) {
  const [round, ...words] = line.split(" ");
  console.log(rounds[round](...words));
}
taking?.close();
