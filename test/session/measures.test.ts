import { writeFileSync } from "node:fs";
import { inspect } from "node:util";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { dirtyRates } from "../../lib/analysis/rate.ts";
import { planForks } from "../../lib/analysis/planners/fork.ts";
import { ArgumentError, TraceError } from "../../lib/core/errors.ts";
import { inspectable } from "../../lib/repl/printing.ts";
import { openReplay, openTrace, type Sd } from "../../lib/session/sd.ts";
import { openLive } from "../helpers/open_live.ts";
import { drawnKernel } from "../helpers/drawn_kernel.ts";
import { clearAt, snapshot } from "../helpers/drawn_snapshot.ts";
import { traceBytes } from "../helpers/memory_trace.ts";
import { recordingFile } from "../helpers/recordings.ts";
import { temporaryFolder } from "../helpers/temporary_folder.ts";

const file = recordingFile("redis");
const sd = openReplay(recordingFile("python"));

/** Each of them, over anything that can be measured. */
const MEASURES: Record<string, (sd: Sd, ...args: Parameters<Sd["rate"]>) => unknown[]> = {
  rate: (sd, ...args) => sd.rate(...args),
  wss: (sd, ...args) => sd.wss(...args),
  heat: (sd, ...args) => sd.heat(...args),
  hot: (sd, ...args) => sd.hot(...args),
  byMapping: (sd, ...args) => sd.byMapping(...args),
  phases: (sd, ...args) => sd.phases(...args),
  compare: (sd, what, options) => sd.compare(what ?? file, file, options),
  "plan.migrate": (sd, ...args) => sd.plan.migrate(...args),
  "plan.checkpoint": (sd, ...args) => sd.plan.checkpoint(...args),
  "plan.fork": (sd, ...args) => sd.plan.fork(...args),
};

describe.each(Object.entries(MEASURES))("sd.%s", (_, measure) => {
  test("measures a file, an open trace and snapshots alike", () => {
    const trace = openTrace(file);
    const result = measure(sd, file);
    expect(result.length).toBe(1);
    expect(measure(sd, trace)).toEqual(result);
    expect(measure(sd, [...trace.snapshots])).toEqual(result);
    expect(trace.at(0).index).toBe(0); // a trace that was handed over stays open
  });

  test("takes the part that is selected, as sd.filter does", () => {
    const where = 'mapping == "[stack]"';
    const result = measure(sd, file, { where });
    const part = [...openTrace(file).snapshots].map((one) => sd.filter(one, where));
    if (measure !== MEASURES.compare) expect(measure(sd, part)).toEqual(result);
    expect(result).not.toEqual(measure(sd, file));
    expect(measure(sd, [], {})).toHaveLength(measure === MEASURES.compare ? 1 : 0);
    expect(() => measure(sd, file, { where: "size >" })).toThrow(/size >/);
  });

  test("takes a generator, also for a part of it, as it takes a list", () => {
    const snapshots = [...openTrace(file).snapshots];
    const once = function* () {
      yield* snapshots;
    };
    for (const options of [{}, { where: "perms has w" }]) {
      expect(measure(sd, once(), options)).toEqual(measure(sd, snapshots, options));
    }
  });

  test("prints itself, and is data all the same", () => {
    const shown = inspectable(sd);
    const result = measure(shown, file);
    expect(inspect(result)).toMatch(/redis-server/);
    expect(inspect(result)).not.toContain("Distribution");
    expect(JSON.parse(JSON.stringify(result))).toEqual(
      JSON.parse(JSON.stringify(measure(sd, file))),
    );
  });
});

test("without a trace, a replay measures what was replayed until now, as the session did live", () => {
  const kernel = drawnKernel(["0 rw-p - Dp", "0 rw-p - DD"]);
  const output = join(temporaryFolder(), "a.sdtrace");
  const script = (sd: Sd) => {
    const said = [];
    for (let i = 0; i < 2; i++) {
      sd.clear();
      sd.read();
      said.push(sd.rate());
    }
    return said;
  };
  const live = openLive({ pid: 42, output, kernel });
  const said = script(live);
  live.close();
  expect(said.map(([{ dirtyPages }]) => dirtyPages)).toEqual([1, 3]);
  expect(script(openReplay(output))).toEqual(said);
});

test("without a trace, a replay of which nothing was replayed yet measures all of it", () => {
  expect(sd.rate()).toEqual(dirtyRates(openTrace(recordingFile("python")).snapshots));
  expect(sd.rate(undefined, { where: "perms has w" })[0].process.command).toBe("python3");
});

test("without a trace, a live session measures what it recorded until now", () => {
  const kernel = drawnKernel(["0 rw-p - Dp", "0 rw-p - DD"]);
  const output = join(temporaryFolder(), "a.sdtrace");
  const live = openLive({ pid: 42, output, kernel });
  live.clear();
  live.read();
  expect(live.rate()[0].dirtyPages).toBe(1);
  live.clear();
  live.read();
  expect(live.rate()[0].dirtyPages).toBe(3);
  live.close();
  const silent = openLive({ pid: 42, output: null, kernel });
  expect(() => silent.rate()).toThrow(/records nothing\. Name a trace/);
});

test("what cannot be read or planned is refused", () => {
  expect(() => sd.hot("/nowhere.sdtrace")).toThrow(TraceError);
  expect(() => sd.plan.fork(file, { durationNs: 0 })).toThrow(/cannot live for 0 ns/);
  expect(() => sd.plan.migrate(file, { bytesPerSecond: 0 })).toThrow(/Nothing migrates with 0/);
  expect(() => planForks([], { durationNs: NaN })).toThrow(ArgumentError);
});

test("an option that there is none of, and what cannot be measured, are refused", () => {
  const fork = sd.plan.fork as (...args: unknown[]) => unknown;
  expect(() => fork(file, { durationMs: 1 })).toThrow(/no option durationMs here; .* durationNs/);
  expect(() => fork({ durationNs: 1 })).toThrow(
    /what is an object with durationNs; expected a trace to measure.*\. Options come second/,
  );
  const rate = sd.rate as (what: unknown) => unknown;
  expect(() => rate(42)).toThrow(/^sd\.rate\(what\?, options\?\): what is the number 42; expected/);
  expect(() => rate([sd.open(file).at(0), 7])).toThrow(/number 1 is the number 7; expected snap/);
});

test("a part is measured over all the time, also where there is nothing of it", () => {
  const tree = recordingFile("tree");
  const heap = sd.rate(tree, { where: 'mapping == "[heap]"' });
  const whole = sd.rate(tree);
  for (const { process, durationNs, bytesPerSecond } of heap) {
    const all = whole.find((one) =>
      one.process.pid === process.pid && one.process.command === process.command
    )!;
    expect([durationNs, bytesPerSecond.count]).toEqual([all.durationNs, all.bytesPerSecond.count]);
  }
  expect(sd.rate(tree, { where: "mapping == nowhere" })).toEqual([]);
  expect(sd.rate(tree, { where: "pid == 14696" }).map(({ process }) => process.pid)).toEqual([
    ...[14696, 14696],
  ]);
});

test("options are those of the functions", () => {
  expect(sd.hot(file, { limit: 3 })[0].ranges).toHaveLength(3);
  expect(sd.heat(file, { rows: 4 })[0].rows.length).toBeLessThanOrEqual(4);
  expect(sd.plan.fork(file, { durationNs: 1e9 })[0].durationNs).toBe(1e9);
  const [{ intervals }] = sd.plan.checkpoint(file, { intervalsNs: [2e9] });
  expect(intervals.filter(({ isAsked }) => isAsked)).toHaveLength(1);
});

test("a replay measures with the processes that were untracked by then", () => {
  const process = { pid: 43, startTimeTicks: 9, command: "other" };
  const untracked = { type: "untracked", process, reason: "cannot-attach", message: "no" } as const;
  const bytes = traceBytes((writer) => {
    for (const startNs of [1e9, 3e9]) {
      writer.clear(clearAt(startNs));
      const sinceClear = clearAt(startNs);
      writer.read(snapshot("0 rw-p - D", { atNs: startNs + 1e9, sinceClear }));
      if (startNs === 1e9) writer.note({ ...untracked, atNs: 3e9 - 1 });
    }
  });
  const output = join(temporaryFolder(), "untracked.sdtrace");
  writeFileSync(output, bytes);
  const untrackedIn = (sd: Sd) => sd.rate()[0].coverage.untrackedProcesses;
  const replay = openReplay(output);
  expect(untrackedIn(replay)).toEqual([{ process, reason: "cannot-attach" }]);
  replay.clear();
  replay.read();
  expect(untrackedIn(replay)).toEqual([]);
  expect(() => replay.clear(process.pid)).toThrow(/cannot-attach|no/);
  expect(untrackedIn(replay)).toEqual([{ process, reason: "cannot-attach" }]);
});
