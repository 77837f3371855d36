import { describe, expect, test } from "vitest";
import { migrationsOverLinks } from "../../../lib/analysis/planners/links.ts";
import { PreCopy } from "../../../lib/analysis/planners/pre_copy.ts";
import { MigrationStart, WindowReplay } from "../../../lib/analysis/planners/replay.ts";
import { QEMU, transferNs } from "../../../lib/analysis/planners/stop_rules.ts";
import { openTrace } from "../../../lib/session/sd.ts";
import { seconds } from "../../helpers/drawn_snapshot.ts";
import { recordingFile, RECORDINGS } from "../../helpers/recordings.ts";

describe("migrations over links of all speeds", () => {
  test.each(RECORDINGS)("of %s stop where the planner's do, whenever they begin", (name) => {
    const replay = new WindowReplay(openTrace(recordingFile(name)).snapshots);
    const firsts = replay.timelines.map(({ windowCount }) => [0, Math.floor(windowCount * 0.6)]);
    const all = migrationsOverLinks(replay, firsts);
    expect(all.map(({ process }) => process)).toEqual(replay.timelines.map((one) => one.process));
    let converged = 0;
    for (const [i, { bytesPerSecond, moments }] of all.entries()) {
      const timeline = replay.timelines[i];
      for (const { firstWindow, stops } of moments) {
        for (let s = 0; s < bytesPerSecond.length; s += 5) {
          const link = { bytesPerSecond: bytesPerSecond[s], maxDowntimeNs: 20e6 };
          const start = new MigrationStart(
            firstWindow,
            (memory) => new PreCopy(QEMU, timeline, link, memory),
          );
          replay.play(new Map([[timeline, [start]]]));
          const wanted = start.outcome!;
          const left = stops[s].map(({ leftBytes }) => leftBytes);
          expect(left).toEqual([...new Set(left)].sort((a, b) => b - a));
          const found = stops[s].find(({ leftBytes }) =>
            transferNs(leftBytes, link.bytesPerSecond) <= link.maxDowntimeNs
          );
          expect(found !== undefined).toBe(wanted.isWithinDowntime);
          if (found === undefined) continue;
          converged++;
          expect(found.roundCount).toBe(wanted.rounds.length);
          expect(found.leftBytes).toBe(Math.round(wanted.rounds.at(-1)!.leftBytes));
          expect(found.sentBytes + found.leftBytes).toBeCloseTo(wanted.sentBytes, -1);
        }
      }
    }
    expect(converged).toBeGreaterThan(0);
  });

  test("distinguish a quiet moment from one in which much is written", () => {
    // Quiet for five seconds, then all is written in each.
    const busy = Array(5).fill("0 rw-p - DDDDDDDDDDDDDDDD");
    const quiet = Array(5).fill("0 rw-p - pppppppppppppppp");
    const replay = new WindowReplay(seconds(...quiet, ...busy));
    const [{ bytesPerSecond, moments }] = migrationsOverLinks(replay, [[0, 5]]);
    // 64 KiB within 600 ms.
    const speed = bytesPerSecond.findIndex((one) => one > 110_000);
    const [inQuiet, inBusy] = moments.map(({ stops }) => stops[speed]);
    expect(inQuiet).toEqual([{ roundCount: 1, leftBytes: 0, sentBytes: 65_536 }]);
    expect(inBusy[0].leftBytes).toBeGreaterThan(30_000);
  });

  test("leave out links that take longer than twice the trace for all memory", () => {
    const replay = new WindowReplay(seconds(...Array(2).fill("0 rw-p - D" + "p".repeat(255))));
    const [{ bytesPerSecond, moments }] = migrationsOverLinks(replay, [[0]]);
    expect(bytesPerSecond[0]).toBeGreaterThanOrEqual(2 ** 20 / 4);
    expect(moments[0].stops).toHaveLength(bytesPerSecond.length);
  });
});
