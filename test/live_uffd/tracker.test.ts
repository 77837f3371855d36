/** What the uffd-wp tracker reports, beyond the truth table: moments, limits, and its end. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { PageSet } from "../../lib/core/page_set.ts";
import type { Snapshot } from "../../lib/core/snapshot.ts";
import type { LiveOptions } from "../../lib/session/live_source.ts";
import { openLive } from "../../lib/session/live.ts";
import { openReplay, openTrace, type Sd } from "../../lib/session/sd.ts";
import { ProcFs } from "../../lib/kernel/proc/proc_fs.ts";
import { snapshotText } from "../../lib/report/snapshot_text.ts";
import { withTransparentHugePages } from "../live/huge_memory.ts";
import { range, Target } from "../live/target.ts";
import { describeLive } from "./proven.ts";

describeLive("the uffd-wp tracker", () => {
  let target: Target;
  let sd: Sd;
  let folder: string;
  beforeAll(async () => {
    target = await Target.start();
  });
  afterAll(() => target.end());
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "softdirty-uffd-"));
    await target.renew();
    sd = open();
  });
  afterEach(() => {
    sd.close();
    rmSync(folder, { recursive: true });
  });

  function open(options: LiveOptions = {}): Sd {
    const output = join(folder, `${readdirSync(folder).length}.sdtrace`);
    return openLive({ pid: target.pid, output, tracker: "uffd-wp", ...options });
  }

  const dirty = (snapshot: Snapshot) => target.pagesOf(target.area(snapshot).dirty);

  test("reads exactly the 586 pages written, every 7th of 4096, live and from its trace", async () => {
    const written = range(0, 4096, 7);
    expect(written).toHaveLength(586);
    await target.map(0, 4096);
    await target.write(range(0, 4096));
    sd.clear();
    expect(dirty(sd.read())).toEqual([]);
    await target.write(written);
    const live = sd.read();
    expect(dirty(live)).toEqual(written);
    expect(target.pagesOf(live.explain().pages("written").intersect(target.area(live).dirty)))
      .toEqual(written);
    const replay = openReplay(sd.tracePath!);
    replay.clear();
    replay.read();
    expect(replay.read().pages.dirty.equals(live.pages.dirty)).toBe(true);
    expect(openTrace(sd.tracePath!).header.tracker).toBe("uffd-wp");
  });

  test("loses no write between takes, however they fall among the writes", async () => {
    const pageCount = 1 << 14;
    await target.map(0, pageCount);
    await target.write(range(0, pageCount));
    sd.clear();
    // On a busy machine all may be written between two takes: then there is nothing to see yet.
    for (let takes = 0; takes < 5;) {
      let isWriting = true;
      const writing = target.write(range(0, pageCount)).finally(() => isWriting = false);
      let seen = PageSet.empty;
      while (isWriting) {
        const { dirty } = target.area(sd.take());
        // Each page is written once. A page may be taken between its fault and the write itself, which
        // then faults again.
        expect(dirty.intersect(seen).pageCount).toBeLessThanOrEqual(1);
        seen = seen.union(dirty);
        takes++;
        await sleep(1);
      }
      await writing;
      seen = seen.union(target.area(sd.take()).dirty);
      expect(seen.pageCount).toBe(pageCount);
    }
  });

  test("states that nothing was lost since a take, and what may have been since a read", async () => {
    await target.map(0, 16);
    sd.clear();
    sd.take();
    expect(sd.read().sinceClear?.unseenNs).toBe(0);
    sd.clear();
    expect(sd.read().sinceClear?.unseenNs).toBeGreaterThan(0);
  });

  test("counts memory that was mapped later as new, and tracks it from the next clear on", async () => {
    await target.map(0, 16);
    sd.clear();
    await target.map(32, 16);
    await target.write([33]);
    const before = target.area(sd.read());
    expect(target.pagesOf(before.explain().pages("new-mapping"))).toEqual(range(32, 48));
    expect(target.pagesOf(before.dirtyPopulated)).toEqual([33]);
    expect(dirty(sd.take())).toEqual(range(32, 48));
    expect(dirty(sd.read())).toEqual([]);
    await target.write([34]);
    expect(dirty(sd.take())).toEqual([34]);
  });

  test("reports with a take what exists, if that is asked for", async () => {
    await target.map(0, 64);
    await target.write(range(0, 32));
    sd.clear();
    // The first one does so by itself.
    expect(target.pagesOf(target.area(sd.take()).populated)).toEqual(range(0, 32));
    expect(sd.take().knows("present")).toBe(false);
    await target.write([1, 40]);
    const taken = target.area(sd.take(target.pid, { explain: true }));
    expect(taken.knows("present")).toBe(true);
    expect(target.pagesOf(taken.populated)).toEqual([...range(0, 32), 40]);
    expect(target.pagesOf(taken.dirty)).toEqual([1, 40]);
    await target.drop(1, 1);
    await target.write([2]);
    const after = target.area(sd.take(target.pid, { explain: true }));
    expect(target.pagesOf(after.populated)).toEqual([0, ...range(2, 32), 40]);
    expect(target.pagesOf(after.dirtyPopulated)).toEqual([2]);
    expect(target.area(sd.take()).knows("present")).toBe(false);
  });

  test("counts with a take what the process gave back, which looks written", async () => {
    await target.map(0, 64);
    await target.write(range(0, 32));
    sd.clear();
    expect(sd.take().conditions.droppedPages).toBeNull();
    await target.write([1, 2]);
    await target.drop(8, 16);
    const taken = sd.take();
    expect(dirty(taken)).toEqual([1, 2, ...range(8, 24)]);
    // The runtime of the target may give back memory of its own.
    expect(taken.conditions.droppedPages).toBeGreaterThanOrEqual(16);
    expect([...openTrace(sd.tracePath!).snapshots].at(-1)!.conditions).toEqual(taken.conditions);
  });

  test("reports memory that another userfaultfd has as untracked, never as clean", async () => {
    await target.map(0, 64);
    await target.write(range(0, 64));
    sd.clear();
    const refused = open();
    expect(() => refused.clear()).toThrow(expect.objectContaining({ code: "tracked-by-another" }));
    refused.close();
    const second = open({ force: true });
    second.clear();
    await target.write([1]);
    const area = target.area(second.read());
    expect(target.pagesOf(area.untracked)).toEqual(range(0, 64));
    expect(target.pagesOf(area.pages.foreign)).toEqual(range(0, 64));
    expect(target.pagesOf(area.dirty)).toEqual([]);
    second.close();
    expect(dirty(sd.read())).toEqual([1]);
  });

  test("leaves nothing behind when it is closed: another session attaches and tracks", async () => {
    await target.map(0, 64);
    await target.write(range(0, 64));
    for (let i = 0; i < 5; i++) {
      const one = open();
      one.clear();
      await target.write([i]);
      expect(dirty(one.read())).toEqual([i]);
      one.close();
    }
  });

  test("with --freeze the target is stopped for a take, and continues", async () => {
    const frozen = open({ freeze: true });
    await target.map(0, 16);
    await target.write(range(0, 16));
    frozen.clear();
    await target.write([3]);
    const snapshot = frozen.take();
    expect(snapshot.stoppedNs).toBeGreaterThan(0);
    expect(dirty(snapshot)).toEqual([3]);
    await target.write([4]);
    expect(dirty(frozen.take())).toEqual([4]);
    frozen.close();
  });

  test("an exec is reported, and everything is new after it", async () => {
    const child = spawn("sh", ["-c", "echo ready; read -r line; exec sleep 60"]);
    await once(child.stdout, "data");
    const one = open({ pid: child.pid });
    one.clear();
    expect(one.read().sinceClear).not.toBeNull();
    child.stdin.write("\n");
    const command = () => new ProcFs().stat(child.pid!).command;
    for (let i = 0; i < 500 && command() !== "sleep"; i++) await sleep(10);
    const snapshot = one.read();
    expect(snapshot.sinceClear).toBeNull();
    expect(snapshot.dirty.equals(snapshot.pages.newMapping)).toBe(true);
    one.clear();
    expect(one.read().sinceClear).not.toBeNull();
    const types = [...openTrace(one.tracePath!).events()].map((e) => "type" in e ? e.type : "read");
    expect(types.filter((type) => type === "exec")).toHaveLength(1);
    one.close();
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
  });

  test("tracks this very process, which needs no attach", () => {
    const memory = new Uint8Array(64 * 4096).fill(1);
    const own = open({ pid: process.pid });
    own.clear();
    memory[5 * 4096] = 2;
    const { dirty, untracked } = own.read();
    expect(dirty.pageCount).toBeGreaterThan(0);
    expect(untracked.intersect(dirty).isEmpty).toBe(true);
    own.close();
  });

  test("splits huge pages, or leaves them out and says how much that is", () => {
    const proc = new ProcFs();
    withTransparentHugePages(4, (memory, address) => {
      const first = address / 4096;
      const hugeBytes = () =>
        proc.smaps(process.pid, 4096).find(({ vma }) => vma.start <= first && first < vma.end)!
          .hugeBytes;
      expect(hugeBytes()).toBe(8 << 20);

      const leaving = open({ pid: process.pid, keepHuge: true });
      leaving.clear();
      memory[5 * 4096] = 2;
      const left = leaving.read();
      expect(left.untracked.countIn(first, first + 2048)).toBe(2048);
      expect(left.pages.keptHuge.countIn(first, first + 2048)).toBe(2048);
      expect(left.dirty.countIn(first, first + 2048)).toBe(0);
      expect(hugeBytes()).toBe(8 << 20);
      expect(snapshotText(left)).toMatch(
        / untracked: it has huge pages, which --keep-huge leaves alone/,
      );
      leaving.close();

      const splitting = open({ pid: process.pid });
      splitting.clear();
      memory[5 * 4096] = 3;
      expect(splitting.read().dirty.countIn(first, first + 2048)).toBe(1);
      expect(hugeBytes()).toBeLessThan(8 << 20);
      splitting.close();
    });
  });

  test.runIf(process.getuid?.() === 0)("puts huge pages back together when it is closed", () => {
    const proc = new ProcFs();
    withTransparentHugePages(4, (memory, address) => {
      const first = address / 4096;
      const hugeBytes = () =>
        proc.smaps(process.pid, 4096).find(({ vma }) => vma.start <= first && first < vma.end)!
          .hugeBytes;
      const session = open({ pid: process.pid });
      session.clear();
      for (const block of [0, 1, 2]) memory[(block * 512 + 5) * 4096] = 3;
      session.take();
      expect(hugeBytes()).toBeLessThanOrEqual(2 << 20);
      session.close();
      expect(hugeBytes()).toBe(8 << 20);
      expect(memory[5 * 4096]).toBe(3);
    });
  });

  test("a file mapping that is not writable is neither tracked nor missed", () => {
    writeFileSync(join(folder, "other"), "x");
    sd.clear();
    const snapshot = sd.read();
    const code = snapshot.vmas.filter((vma) => vma.perms.startsWith("r-xp"));
    const pages = PageSet.from(code);
    expect(pages.isEmpty).toBe(false);
    expect(snapshot.dirty.intersect(pages).isEmpty).toBe(true);
  });
});
