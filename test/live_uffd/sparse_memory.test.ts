/** Mappings of which little exists: what is reported of them, and what tracking adds to the target. */

import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { PageSet } from "../../lib/core/page_set.ts";
import { openLive } from "../../lib/session/live.ts";
import { LineProgram, targetPath } from "./lines.ts";
import { describeLive, describeUnless } from "./proven.ts";
import { lackOf, PYTHON } from "./targets.ts";
import { withTarget } from "./with_target.ts";

/** Of the mapping, and of that part of it in which something is done. */
const PAGES = 1 << 21;
const BLOCK = 512;
const USED = 6 * BLOCK;

/** The most that page tables grow by, beside those of what the target does itself. */
const MOST_KIB = 4 << 10;
const SLACK_KIB = 256;

interface Order {
  readonly read: readonly number[];
  readonly write: readonly number[];
  readonly drop: readonly (readonly [number, number])[];
}

const page = fc.nat(USED - 1);
const drawnOrders: fc.Arbitrary<Order[]> = fc.array(
  fc.record({
    read: fc.array(page, { maxLength: 5 }),
    write: fc.array(page, { maxLength: 5 }),
    drop: fc.oneof(
      { weight: 3, arbitrary: fc.constant([]) },
      fc.array(fc.tuple(fc.nat(USED - BLOCK), fc.constantFrom(1, 7, BLOCK)), { maxLength: 2 }),
      fc.nat(5).map((block) => [[block * BLOCK, BLOCK] as [number, number]]),
    ),
  }),
  { minLength: 3, maxLength: 8 },
);

const tableKib = (pid: number) =>
  Number(/^VmPTE:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))![1]);

const setOf = (pages: Iterable<number>) =>
  PageSet.from(Array.from(pages, (start) => ({ start, end: start + 1 })));
const rangesOf = (drop: Order["drop"]) =>
  PageSet.from(drop.map(([start, count]) => ({ start, end: start + count })));

async function start(kind: string): Promise<LineProgram & { first: number }> {
  const program = new LineProgram([PYTHON, targetPath("sparse.py"), kind]);
  return Object.assign(program, await program.answer());
}

describeLive("a mapping of which little exists", () => {
  describeUnless(lackOf(PYTHON))("in python3", () => {
    test.each(["private", "file", "shared"])(
      "is tracked exactly, with few page tables: %s",
      (kind) =>
        fc.assert(
          fc.asyncProperty(drawnOrders, (orders) =>
            withTarget(() => start(kind), async (target) => {
              const before = tableKib(target.pid);
              const sd = openLive({ pid: target.pid, output: null, tracker: "uffd-wp" });
              try {
                sd.clear();
                let held = PageSet.empty; // what has content that a drop takes away
                for (const order of orders) {
                  await target.ask(order);
                  const { dirty } = sd.take().pages;
                  const found = PageSet.from(
                    Array.from(dirty.within(target.first, target.first + PAGES).runs(), (run) => ({
                      start: run.start - target.first,
                      end: run.end - target.first,
                    })),
                  );
                  const written = setOf(order.write);
                  const dropped = rangesOf(order.drop);
                  // In a mapping of a file the kernel leaves a dropped page marked as clean.
                  const lost = kind === "private" ? held.intersect(dropped) : PageSet.empty;
                  const must = written.subtract(dropped).union(lost);
                  const allowed = written.union(dropped)
                    .union(kind === "shared" ? setOf(order.read) : PageSet.empty);
                  expect(must.subtract(found).toJSON()).toEqual([]);
                  expect(found.subtract(allowed).toJSON()).toEqual([]);
                  held = held.union(written).subtract(dropped);
                }
                expect(tableKib(target.pid) - before).toBeLessThan(MOST_KIB + SLACK_KIB);
              } finally {
                sd.close();
              }
            })),
          { numRuns: 12 },
        ),
    );
  });
});
