/** Reading and clearing in one go, on a real kernel with soft-dirty. */

import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { PageSet } from "../../lib/core/page_set.ts";
import { openLive } from "../../lib/session/live.ts";
import { range, Target } from "./target.ts";

let target: Target;

beforeAll(async () => {
  target = await Target.start();
});
afterAll(() => target.end());
beforeEach(() => target.renew());

describe("take", () => {
  test("with --freeze loses no write, however takes fall among the writes", async () => {
    const pageCount = 1 << 12;
    const frozen = openLive({ pid: target.pid, output: null, freeze: true });
    await target.map(0, pageCount);
    await target.write(range(0, pageCount));
    frozen.clear();
    let isWriting = true;
    const writing = target.write(range(0, pageCount)).finally(() => isWriting = false);
    let seen = PageSet.empty;
    for (let isLast = false; !isLast;) {
      isLast = !isWriting;
      const snapshot = frozen.take();
      expect(snapshot.stoppedNs).toBeGreaterThan(0);
      seen = seen.union(target.area(snapshot).dirty);
      expect(frozen.read().sinceClear?.unseenNs).toBe(0);
      await sleep(1);
    }
    await writing;
    expect(seen.pageCount).toBe(pageCount);
    frozen.close();
  });

  test("without --freeze states in which time a write may have been lost", async () => {
    const sd = openLive({ pid: target.pid, output: null });
    await target.map(0, 16);
    sd.clear();
    sd.take();
    const { sinceClear } = sd.read();
    sd.close();
    expect(sinceClear!.unseenNs).toBeGreaterThan(sinceClear!.durationNs);
  });
});
