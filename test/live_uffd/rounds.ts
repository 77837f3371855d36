/**
 * Many rounds of attaching, some of them cut off by the death of the tool.
 *
 * @module
 */

import { isDeepStrictEqual } from "node:util";
import { ATTACH_STEPS, type AttachStep } from "../../lib/kernel/inject/attach_sequence.ts";
import { settledView, viewOf } from "./process_view.ts";
import type { LiveTarget } from "./targets.ts";
import { Tool } from "./tool.ts";
import { seeded } from "../helpers/seeded.ts";

/** How many rounds, and how many of them are cut off. */
export interface RoundsPlan {
  readonly rounds: number;
  readonly kills: number;
  readonly onProgress?: (seen: RoundsSeen) => void;
}

/** What was seen. */
export interface RoundsSeen {
  /** All of them. */
  rounds: number;
  /** Those that were cut off. */
  kills: number;
  /** How many were cut off after each step. */
  readonly killedAfter: Map<string, number>;
  /** How long the whole ones stopped the target. */
  readonly stopsNs: number[];
}

/** Where a round ends, and the next has not begun: a target that is not held cannot be harmed. */
const BETWEEN: ReadonlySet<string> = new Set(["leader restored"]);
/** Of the longest time for which the target was held. */
const LATEST = 1.2;

/**
 * Attaches and detaches, and kills the tool at random moments. After each kill the target must be as
 * it was before, and answer.
 */
export async function attachRounds(target: LiveTarget, plan: RoundsPlan): Promise<RoundsSeen> {
  const seen: RoundsSeen = { rounds: 0, kills: 0, killedAfter: new Map(), stopsNs: [] };
  await target.check();
  const before = viewOf(target.pid);
  while (seen.kills < plan.kills) {
    const left = (plan.rounds - seen.rounds) / (plan.kills - seen.kills);
    const tool = new Tool(target.pid, { rounds: 1e9 });
    await killWithin(tool, Math.max(1, Math.round(left) - 1));
    const { steps, stopsNs, error, signal } = await tool.end;
    if (signal !== "SIGKILL") throw new Error(`The tool ended by itself: ${JSON.stringify(error)}`);
    await assertUnharmed(target, before);
    seen.rounds += stopsNs.length;
    seen.stopsNs.push(...stopsNs);
    const step = steps.at(-1)!;
    if (BETWEEN.has(step)) continue;
    seen.rounds++;
    seen.kills++;
    seen.killedAfter.set(step, (seen.killedAfter.get(step) ?? 0) + 1);
    plan.onProgress?.(seen);
  }
  return seen;
}

let drawn: (() => number) | undefined;

/** Draws when to kill; the seed is printed at the first one. */
function random(): number {
  drawn ??= seeded("rounds");
  return drawn();
}

/** Kills it at a random moment within a round that follows so many whole ones. */
async function killWithin(tool: Tool, wholeRounds: number): Promise<void> {
  await tool.until(({ stopsNs }) => stopsNs.length >= wholeRounds);
  await tool.until(({ lastStep }) => lastStep === "seized");
  const longestMs = Math.max(...tool.stopsNs) / 1e6;
  const endMs = performance.now() + random() * LATEST * longestMs;
  while (performance.now() < endMs); // timers are too coarse
  await tool.kill();
}

/** Kills the tool once at each step, or at some of them. */
export async function killAtEachStep(
  target: LiveTarget,
  options: { readonly hasOwnTable?: boolean } = {},
  steps: readonly AttachStep[] = ATTACH_STEPS,
): Promise<void> {
  await target.check();
  const before = viewOf(target.pid);
  for (const dieAt of steps) {
    const end = await new Tool(target.pid, { dieAt, ...options }).end;
    if (end.signal !== "SIGKILL" || end.steps.at(-1) !== dieAt) {
      throw new Error(`The tool did not die at "${dieAt}": ${JSON.stringify(end)}`);
    }
    await assertUnharmed(target, before, `killed at "${dieAt}"`);
  }
}

/** Fails unless it is as it was before, and answers. */
export async function assertUnharmed(
  target: LiveTarget,
  before: ReturnType<typeof viewOf>,
  when = "",
): Promise<void> {
  const after = await settledView(target.pid, before);
  if (!isDeepStrictEqual(after, before)) {
    const [a, b] = [before, after].map((view) => JSON.stringify(view, undefined, 1));
    throw new Error(`The target is not as it was ${when}: before ${a}, after ${b}`);
  }
  await target.check();
}
