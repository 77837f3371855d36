/**
 * Many rounds of attaching, some of them cut off by the death of the tool.
 *
 * @module
 */

import { isDeepStrictEqual } from "node:util";
import { ATTACH_STEPS } from "../../lib/kernel/attach.ts";
import { settledView, viewOf } from "./process_view.ts";
import type { LiveTarget } from "./targets.ts";
import { Tool } from "./tool.ts";

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

/** A round takes a few milliseconds, and starts when the last one ends. */
const MAX_DELAY_MS = 8;

/**
 * Attaches and detaches, and kills the tool at random moments. After each kill the target must be as
 * it was before, and answer.
 */
export async function attachRounds(target: LiveTarget, plan: RoundsPlan): Promise<RoundsSeen> {
  const seen: RoundsSeen = { rounds: 0, kills: 0, killedAfter: new Map(), stopsNs: [] };
  await target.check();
  const before = viewOf(target.pid);
  while (seen.kills < plan.kills) {
    const wholeRounds = Math.round((plan.rounds - seen.rounds) / (plan.kills - seen.kills)) - 1;
    const tool = new Tool(target.pid, { rounds: 1e9 });
    await tool.until(({ roundCount }) => roundCount >= wholeRounds);
    await randomMoment();
    const { steps, stopsNs, error, signal } = await tool.kill();
    if (signal !== "SIGKILL") throw new Error(`The tool ended by itself: ${JSON.stringify(error)}`);
    await assertUnharmed(target, before);
    seen.rounds += stopsNs.length + 1;
    seen.kills++;
    seen.stopsNs.push(...stopsNs);
    const step = steps.at(-1)!;
    seen.killedAfter.set(step, (seen.killedAfter.get(step) ?? 0) + 1);
    plan.onProgress?.(seen);
  }
  return seen;
}

/** Kills the tool once at each step, or at some of them. */
export async function killAtEachStep(
  target: LiveTarget,
  options: { readonly hasOwnTable?: boolean } = {},
  steps = ATTACH_STEPS,
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

/** Timers are too coarse. */
async function randomMoment(): Promise<void> {
  const endMs = performance.now() + Math.random() * MAX_DELAY_MS;
  while (performance.now() < endMs) await new Promise(setImmediate);
}
