/**
 * The windows of a trace, from the first to the last and again from the first, as plans see them.
 *
 * @module
 */

import { ArgumentError } from "../../core/errors.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import { BlockBudget } from "../page_blocks.ts";
import { windowOf, windowsOf } from "../windows.ts";
import { KnownMemory } from "./known_memory.ts";
import { LastWindows } from "./reuse.ts";
import type { Timeline } from "./timeline.ts";
import { type PlannedWindow, WindowTape } from "./window_tape.ts";

/** A window, and what stands for the program that it is of; see `windows.ts`. */
export interface PassedWindow {
  readonly program: string;
  readonly window: PlannedWindow;
}

/** Programs whose windows are wanted; it may shrink meanwhile. */
type Wanted = Pick<ReadonlyMap<string, unknown>, "has" | "keys" | "size">;
type Tapes = ReadonlyMap<string, WindowTape>;
/** How many windows each program has. */
type WindowCounts = ReadonlyMap<string, number>;

/** Ages that are kept of all windows together: 128 MiB of them, in arrays up to twice as long. */
const MOST_AGES = 1 << 24;

/** Windows for any number of plans. */
export class Passes {
  readonly #snapshots: Iterable<Snapshot>;
  readonly #windowCounts: WindowCounts;
  readonly #mostAges: number;
  #tapes: Tapes | "too-long" | undefined;

  /** @param mostAges a trace with more ages is not kept, but walked again for each pass */
  constructor(
    snapshots: Iterable<Snapshot>,
    timelines: readonly Timeline[],
    mostAges = MOST_AGES,
  ) {
    this.#snapshots = snapshots;
    this.#windowCounts = new Map(
      timelines.map(({ program, windowCount }) => [program, windowCount]),
    );
    this.#mostAges = mostAges;
  }

  /**
   * One pass after the other, until nothing is wanted any more.
   *
   * @throws ArgumentError if the snapshots can be walked only once.
   */
  *over(wanted: Wanted): Generator<PassedWindow, void, void> {
    this.#tapes ??= this.#record() ?? "too-long";
    const tapes = this.#tapes;
    const walk = new WindowWalk(this.#snapshots, this.#windowCounts);
    for (let pass = 0; wanted.size > 0; pass++) {
      yield* tapes === "too-long" ? walk.pass(wanted) : this.#taped(tapes, pass, wanted);
    }
  }

  /**
   * Two passes. All others are like the second: by then each page that comes has come before, and memory
   * is known.
   */
  #record(): Tapes | undefined {
    const tapes = new Map(
      Array.from(this.#windowCounts.keys(), (program) => [program, new WindowTape()]),
    );
    const walk = new WindowWalk(this.#snapshots, this.#windowCounts);
    let ageCount = 0;
    for (let pass = 1; pass <= 2; pass++) {
      for (const { program, window } of walk.pass(tapes)) {
        ageCount += window.reuse.ages.length;
        if (ageCount > this.#mostAges) return undefined;
        tapes.get(program)!.add(window);
      }
      for (const [program, tape] of tapes) {
        if (tape.length !== pass * this.#windowCounts.get(program)!) {
          throw new ArgumentError("These snapshots can be walked only once");
        }
      }
    }
    return tapes;
  }

  *#taped(tapes: Tapes, pass: number, wanted: Wanted): Generator<PassedWindow, void, void> {
    for (const program of [...wanted.keys()]) {
      const tape = tapes.get(program);
      if (tape === undefined) continue;
      const count = tape.length / 2;
      const first = pass === 0 ? 0 : count;
      for (const window of tape.windows(first, first + count)) {
        yield { program, window };
        if (!wanted.has(program)) break;
      }
    }
  }
}

/** Walks snapshots again and again, and remembers what came before. */
class WindowWalk {
  readonly #snapshots: Iterable<Snapshot>;
  readonly #windowCounts: WindowCounts;
  readonly #budget = new BlockBudget();
  readonly #programs = new Map<string, { pages: LastWindows; memory: KnownMemory }>();

  constructor(snapshots: Iterable<Snapshot>, windowCounts: WindowCounts) {
    this.#snapshots = snapshots;
    this.#windowCounts = windowCounts;
  }

  *pass(wanted: Wanted): Generator<PassedWindow, void, void> {
    for (const { snapshot, program } of windowsOf(this.#snapshots)) {
      if (!wanted.has(program)) continue;
      const { pages, memory } = this.#known(program);
      yield {
        program,
        window: {
          reuse: pages.next(snapshot.dirtyPopulated),
          durationNs: windowOf(snapshot)!.longestNs,
          memoryPages: memory.after(snapshot).pageCount,
        },
      };
      if (wanted.size === 0) return;
    }
  }

  #known(program: string) {
    const known = this.#programs.get(program) ?? {
      pages: new LastWindows(this.#budget, this.#windowCounts.get(program)!),
      memory: new KnownMemory(),
    };
    this.#programs.set(program, known);
    return known;
  }
}
