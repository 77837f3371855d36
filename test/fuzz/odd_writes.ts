/**
 * Calls of a writer, of which many are odd: mappings that overlap, times that are none, text that is no
 * UTF-16. Whatever the writer accepts, a reader must read.
 *
 * @module
 */

import assert from "node:assert/strict";
import fc from "fast-check";
import { wellFormedTexts } from "../../lib/core/plain_text.ts";
import { PageSet } from "../../lib/core/page_set.ts";
import type { ProcessIdentity } from "../../lib/core/process.ts";
import { type ClearEvent, PAGE_FLAGS, pageSets, Snapshot } from "../../lib/core/snapshot.ts";
import type { Vma } from "../../lib/core/vma.ts";
import type { AnnotationEvent } from "../../lib/trace/schema.ts";
import { TraceWriter } from "../../lib/trace/writer.ts";
import { snapshot } from "../helpers/drawn_snapshot.ts";
import { HEADER, MemorySink, readerOf } from "../helpers/memory_trace.ts";

/** One call. */
export type OddWrite =
  | { readonly call: "clear"; readonly event: ClearEvent }
  | { readonly call: "read"; readonly snapshot: Snapshot }
  | { readonly call: "note"; readonly event: AnnotationEvent };

/** Mostly what is usual, now and then what is not. */
const mostly = <T>(usual: fc.Arbitrary<T>, ...odd: fc.Arbitrary<T>[]) =>
  fc.oneof({ weight: 12, arbitrary: usual }, ...odd.map((arbitrary) => ({ weight: 1, arbitrary })));

const oddNumber = fc.oneof(
  fc.constantFrom(-1, -0, 0.5, NaN, Infinity, 2 ** 53, 2 ** 53 - 1, 2 ** 52, 2 ** 31, 2 ** 32),
  fc.double(),
);
const count = mostly(fc.nat(1e6), oddNumber);
const time = mostly(fc.nat(1e9), oddNumber);
const text = mostly(
  fc.constantFrom("a", "[heap]", "/usr/lib/x.so", ""),
  fc.string({ unit: "binary", maxLength: 300 }),
  fc.constantFrom("\ud800", "x\udfff", "\0", "é\n"),
);

const identity: fc.Arbitrary<ProcessIdentity> = fc.record({
  pid: mostly(fc.constantFrom(42, 43), oddNumber),
  startTimeTicks: mostly(fc.constantFrom(7, 8), oddNumber),
  command: text,
});

const page = mostly(fc.nat(60), fc.constantFrom(2 ** 52, 2 ** 52 - 1, 2 ** 40, -1, 0.5));

const vma: fc.Arbitrary<Vma> = fc.record({
  start: page,
  length: mostly(fc.integer({ min: 1, max: 9 }), fc.constantFrom(0, -2, 2 ** 52)),
  perms: mostly(fc.constantFrom("rw-p", "r--s"), fc.constantFrom("", "rwx", "rw-pp")),
  offsetPages: count,
  device: text,
  inode: mostly(fc.constantFrom("0", "77"), text),
  name: text,
}).map(({ length, ...rest }) => ({ ...rest, end: rest.start + length }));

/** Mostly ascending and disjoint. */
const vmas = fc.array(vma, { maxLength: 8 }).chain((all) => {
  const sorted = [...all].sort((a, b) => a.start - b.start);
  const disjoint = sorted.filter((one, i) => i === 0 || one.start >= sorted[i - 1].end);
  return mostly(fc.constant<readonly Vma[]>(disjoint), fc.constant<readonly Vma[]>(all));
});

const pageSet = fc.array(fc.tuple(fc.nat(60), fc.integer({ min: 1, max: 9 })), { maxLength: 6 })
  .map((runs) => PageSet.from(runs.map(([start, length]) => ({ start, end: start + length }))));

const drawnPages = fc.tuple(...PAGE_FLAGS.map(() => mostly(fc.constant(PageSet.empty), pageSet)))
  .map(
    (sets) => pageSets((flag) => sets[PAGE_FLAGS.indexOf(flag)]),
  );

const clear: fc.Arbitrary<ClearEvent> = fc.record({
  type: fc.constant("clear" as const),
  process: identity,
  atNs: time,
  durationNs: time,
  unseenNs: fc.oneof(time, fc.constant(null)),
  stoppedNs: time,
  vmas: fc.oneof(vmas, fc.constant(null)),
});

const read: fc.Arbitrary<Snapshot> = fc.record({
  process: identity,
  vmas,
  pages: drawnPages,
  readBy: fc.constantFrom("pagemap" as const, "pagemap-scan" as const),
  known: fc.subarray([...PAGE_FLAGS]),
  atNs: time,
  durationNs: time,
  stoppedNs: time,
  sinceClear: fc.oneof(clear, fc.constant(null)),
}).chain((fields) => {
  // A clear of the same process, as a rule.
  const { process, sinceClear } = fields;
  const own = sinceClear === null ? null : { ...sinceClear, process };
  return mostly(fc.constant({ ...fields, sinceClear: own }), fc.constant(fields));
}).map((fields) => snapshot("0 rw-p - .", fields));

const note: fc.Arbitrary<AnnotationEvent> = fc.oneof(
  fc.record({ type: fc.constant("mark" as const), text, atNs: time }),
  fc.record({ type: fc.constant("exit" as const), pid: count, reason: text, atNs: time }),
  fc.record({
    type: fc.constantFrom("found" as const, "fork" as const),
    process: identity,
    parentPid: count,
    atNs: time,
  }),
  fc.record({ type: fc.constant("exec" as const), process: identity, atNs: time }),
);

/** Some calls. */
export const oddWrites: fc.Arbitrary<OddWrite[]> = fc.array(
  fc.oneof(
    clear.map((event): OddWrite => ({ call: "clear", event })),
    read.map((snapshot): OddWrite => ({ call: "read", snapshot })),
    note.map((event): OddWrite => ({ call: "note", event })),
  ),
  { maxLength: 40 },
);

/**
 * Makes the calls, and reads what was accepted, with an index and without one.
 *
 * @returns how many were accepted, and the bytes
 * @throws AssertionError if it cannot be read, or is another than was written
 */
export function writeAndRead(writes: readonly OddWrite[]): { accepted: number; bytes: Uint8Array } {
  const sink = new MemorySink();
  const writer = new TraceWriter(sink, HEADER);
  const accepted = writes.filter((write) => isAccepted(() => make(writer, write)));
  check(sink.bytes, accepted);
  writer.finish();
  check(sink.bytes, accepted);
  return { accepted: accepted.length, bytes: sink.bytes };
}

function make(writer: TraceWriter, write: OddWrite): void {
  if (write.call === "clear") writer.clear(write.event);
  else if (write.call === "read") writer.read(write.snapshot);
  else writer.note(write.event);
}

function isAccepted(call: () => void): boolean {
  try {
    call();
    return true;
  } catch (error) {
    assert(error instanceof RangeError, `refused with ${error}`);
    return false;
  }
}

function check(bytes: Uint8Array, accepted: readonly OddWrite[]): void {
  const trace = readerOf(bytes);
  assert.deepEqual(trace.problems, []);
  const events = [...trace.events()];
  const snapshots = events.filter((event) => event instanceof Snapshot);
  const written = accepted.flatMap((write) => write.call === "read" ? [write.snapshot] : []);
  assert.deepEqual(snapshots.map(plain), written.map(plain), "other snapshots than were written");
  const notes = events.flatMap((event) =>
    event instanceof Snapshot || event.type === "clear" ? [] : [event.type]
  );
  assert.deepEqual(
    notes,
    accepted.flatMap(({ call, ...rest }) =>
      call === "note" ? [(rest as { event: AnnotationEvent }).event.type] : []
    ),
  );
}

/** What must come back. */
function plain({ process, vmas, pages, atNs, sinceClear, known, readBy }: Snapshot): unknown {
  // As JSON, where -0 is 0.
  return JSON.parse(JSON.stringify({
    process: wellFormedTexts(process),
    vmas: vmas.map(wellFormedTexts),
    pages: PAGE_FLAGS.map((flag) => [...pages[flag].edges]),
    atNs,
    clearAtNs: sinceClear?.atNs ?? null,
    known: PAGE_FLAGS.filter((flag) => known.includes(flag)),
    readBy,
  }));
}

/** The calls of a seed and a number, and what is left of them once they were made. */
export function oddWritesAt(seed: number, number: number): Uint8Array {
  const [writes] = fc.sample(oddWrites, { seed: seed ^ Math.imul(number, 0x9e3779b1), numRuns: 1 });
  return writeAndRead(writes).bytes;
}
