/**
 * Tests of a container of three processes that share memory: what it comes to as a whole.
 *
 * @module
 */

import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { dirtyMappings } from "../../lib/analysis/dirty_mappings.ts";
import { planMigrations } from "../../lib/analysis/planners/migrate.ts";
import { dirtyRates } from "../../lib/analysis/rate.ts";
import { workingSets } from "../../lib/analysis/working_set.ts";
import { groupSnapshots } from "../../lib/core/group_snapshots.ts";
import type { TrackerKind } from "../../lib/core/snapshot.ts";
import { filterSnapshots } from "../../lib/query/filter.ts";
import { openLive } from "../../lib/session/live.ts";
import { openTrace } from "../../lib/session/sd.ts";
import { denoProgram } from "../helpers/deno_program.ts";
import { knownTotal, OWN_PAGES, SHARED_PAGES } from "./group_pages.ts";

const PROCESSES = 3;

/** The only child of a process. */
function childOf(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim());
}

/** Declares the test, for one tracker. */
export function testGroup(tracker: TrackerKind): void {
  test(
    "a container of three processes with shared memory has the total that it knows of itself",
    async () => {
      const folder = mkdtempSync(join(tmpdir(), "softdirty-group-"));
      const file = join(folder, "shared");
      writeFileSync(file, new Uint8Array(SHARED_PAGES * 4096));
      writeFileSync(`${file}.own`, new Uint8Array(OWN_PAGES * 4096));
      const main = fileURLToPath(new URL("./group_main.ts", import.meta.url));
      const command = [denoProgram(), "run", "-A", main, file, "0", String(PROCESSES - 1)];
      // A pid namespace of its own, as containers have, where this user can make one.
      const contained = process.getuid?.() === 0
        ? ["unshare", "--pid", "--fork", ...command]
        : command;
      const child = spawn(contained[0], contained.slice(1), { stdio: ["pipe", "pipe", "inherit"] });
      const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
      const ask = async (line: string) => {
        child.stdin.write(`${line}\n`);
        expect((await answers.next()).value).toBe("done");
      };
      const output = join(folder, "group.sdtrace");
      await ask("hello");
      const pid = contained === command ? child.pid! : childOf(child.pid!);
      const sd = openLive({ pid, output, tracker });
      try {
        await ask("write"); // what is dirtied for the first time may make page tables, huge pages, ...
        const rounds = 3;
        const watched = sd.watch(pid, {
          children: true,
          count: rounds,
          intervalMs: () => 500,
        })[Symbol.asyncIterator]();
        // All processes write in each window.
        let isDone = false;
        const writing = (async () => {
          while (!isDone) {
            await ask("write");
            await new Promise((resolve) => setTimeout(resolve, 20));
          }
        })();
        while (!(await watched.next()).done);
        isDone = true;
        await writing;
      } finally {
        sd.close();
        child.stdin.end();
        await new Promise((resolve) => child.once("exit", resolve));
      }
      const { snapshots } = openTrace(output);
      const known = knownTotal(PROCESSES);
      const ours = filterSnapshots(snapshots, `mapping == "${file}" or mapping == "${file}.own"`);
      const group = groupSnapshots(ours);
      const [set] = workingSets(group);
      expect(set.coverage.processes.length).toBeGreaterThanOrEqual(PROCESSES);
      expect(set.pageCount).toBe(known.all);
      const [rate] = dirtyRates(group);
      const ofName = (name: string) => rate.mappings.find((one) => one.name === name)!.dirtyPages;
      const windowCount = rate.bytesPerSecond.count;
      expect(ofName(file)).toBe(known.shared * windowCount);
      expect(rate.dirtyPages).toBe(known.all * windowCount);
      // One by one they count what they share several times.
      const alone = workingSets(ours).reduce((sum, one) => sum + one.pageCount, 0);
      expect(alone).toBeGreaterThan(known.all);
      const [plan] = planMigrations(group);
      expect(plan.timeline.everDirtyPages).toBe(known.all);
      const [mappings] = dirtyMappings(group);
      expect(mappings.mappings.reduce((sum, one) => sum + one.distinctDirtyPages, 0)).toBe(
        known.all,
      );
      rmSync(folder, { recursive: true });
    },
    120_000,
  );
}
