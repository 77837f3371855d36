import { expect, test } from "vitest";
import { ReplayFeed } from "../../lib/top/replay_feed.ts";
import { seconds } from "../helpers/drawn_snapshot.ts";
import { readerOf, traceBytes } from "../helpers/memory_trace.ts";

/** A trace of so many seconds, in each of which a page was written. */
function trace(count: number, isClosed = false): Uint8Array {
  return traceBytes((writer) => {
    for (const one of seconds(...Array.from({ length: count }, () => "0 rw-p - D"))) {
      writer.read(one);
    }
    if (isClosed) writer.finish();
  });
}

const windows = (feed: ReplayFeed) => feed.table.states[0]?.totals.windowCount ?? 0;

test("a seek shows what was there at that moment, and no more than the trace has", () => {
  const feed = new ReplayFeed(readerOf(trace(20)));
  for (const [second, count] of [[5, 5], [2, 2], [100, 20], [-1, 0], [10, 10]]) {
    feed.seek(second * 1e9);
    expect(windows(feed)).toBe(count);
  }
});

test("keys seek by a twentieth, or by a second, and go to the beginning and the end", () => {
  const feed = new ReplayFeed(readerOf(trace(40)));
  feed.key("end");
  expect(feed.status()[1]).toContain("40.0 s of 40.0 s");
  feed.key("left");
  expect(feed.status()[1]).toContain("38.0 s of 40.0 s");
  feed.key("home");
  feed.key("right");
  expect(feed.status()[1]).toContain("2.00 s of 40.0 s");
});

test("the speed doubles and halves, within bounds", () => {
  const feed = new ReplayFeed(readerOf(trace(2)), { speed: 2 });
  feed.key("+");
  expect(feed.status()[1]).toContain("speed 4;");
  for (let i = 0; i < 3; i++) feed.key("-");
  expect(feed.status()[1]).toContain("speed 0.5;");
  for (let i = 0; i < 30; i++) feed.key("+");
  expect(feed.status()[1]).toContain("speed 1024;");
});

test("a jump takes as many windows as are shown, and the whole trace where that is asked for", () => {
  const bytes = trace(300);
  const [some, all] = [false, true].map((isWhole) => new ReplayFeed(readerOf(bytes), { isWhole }));
  for (const feed of [some, all]) feed.seek(Infinity);
  expect([windows(some), windows(all)]).toEqual([64, 300]);
  expect(some.table.states[0].rates).toHaveLength(64);
});

test("a jump takes as many windows as the working set needs, if those are more", () => {
  const feed = new ReplayFeed(readerOf(trace(300)), { workingSetNs: 100e9 });
  feed.seek(Infinity);
  expect(feed.table.states[0].workingSetNs).toBeGreaterThanOrEqual(100e9);
  expect(windows(feed)).toBeLessThan(130);
});

test.each([
  ["that was closed", true],
  ["that was cut off", false],
])("what is damaged of a trace %s is passed over and counted once", (_, isClosed) => {
  const bytes = trace(20, isClosed);
  bytes[Math.floor(bytes.length / 2)] ^= 1;
  const feed = new ReplayFeed(readerOf(bytes));
  feed.seek(Infinity);
  expect(windows(feed)).toBeLessThan(20);
  const reported = feed.status();
  expect(reported.at(-1)).toMatch(/^passed over as damaged: [1-9]$/);
  feed.seek(Infinity);
  expect(feed.status()).toEqual(reported);
});

test("the work of each read is handed on, and ends a seek that takes too much", () => {
  let spent = 0;
  const onWork = (units: number) => {
    spent += units;
    if (spent > 5000) throw new RangeError("too much");
  };
  const feed = new ReplayFeed(readerOf(trace(40)), { onWork });
  feed.seek(2e9);
  expect(spent).toBeGreaterThan(0);
  expect(() => feed.seek(39e9)).toThrow("too much");
});

test("a feed takes as much work as a walk over the same snapshots", () => {
  const work = { feed: 0, walk: 0 };
  // Each list of mappings has to be decoded, too.
  const bytes = traceBytes((writer) => {
    for (const one of seconds("0 rw-p - D", "0 rw-p - DD", "0 rw-p - D")) {
      writer.read(one);
    }
  });
  const feed = new ReplayFeed(readerOf(bytes), { onWork: (units) => work.feed += units });
  feed.seek(Infinity);
  const all = readerOf(bytes).readableSnapshots(undefined, (units) => work.walk += units);
  expect([...all]).toHaveLength(3);
  expect(work.feed).toBe(work.walk);
});
