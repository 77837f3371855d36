/**
 * The processes that are attached to. Each finds out by itself whether it was harmed.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { LineProgram, targetPath } from "./lines.ts";
import { startRedis } from "./redis.ts";

/** Debian's, of which `npm test` sees to it that it is there. */
export const PYTHON = "/usr/bin/python3";
export const REDIS = "/usr/bin/redis-server";

/** A process that answers. */
export interface LiveTarget {
  readonly pid: number;
  /**
   * Returns once it has answered and done some work since the last time.
   *
   * @throws Error if an answer or a result is not what it should be, or it does not live
   */
  check(): Promise<void>;
  end(): Promise<void>;
}

/** A way to start one. */
export interface TargetKind {
  readonly name: string;
  /** What it needs, if that is not there. */
  readonly lacks: string | undefined;
  start(): Promise<LiveTarget>;
}

/** The three kinds that are attached to a thousand times. */
export const TARGET_KINDS: readonly TargetKind[] = [
  { name: "a process with nine busy threads", lacks: undefined, start: startBusy },
  { name: "a blocked python3", lacks: lackOf(PYTHON), start: () => startBlocked() },
  { name: "redis-server under load", lacks: lackOf(REDIS), start: () => startRedis(REDIS) },
];

/** What is missing without this program. */
export function lackOf(program: string): string | undefined {
  return existsSync(program) ? undefined : `there is no ${program}`;
}

async function startBusy(): Promise<LiveTarget> {
  // The tool must come to its turn beside it, where there are few processors.
  const program = new LineProgram(["nice", "-n", "10", "node", targetPath("busy.mjs")]);
  let last = await program.ask("hello");
  while (last.rounds.includes(0)) last = await program.ask("hello");
  return {
    pid: program.pid,
    async check() {
      const from = last;
      do {
        const line = String(Math.random());
        last = await program.ask(line);
        assertSame("the line answered", last.line, JSON.stringify(line));
        assertSame("wrong sums", last.mismatches, 0);
        assertSame("the sum", last.expected, from.expected);
      } while (last.rounds.some((count: number, i: number) => count === from.rounds[i]));
    },
    end: () => program.end(),
  };
}

/** One thread that waits for a line; `blocked.py` says what the words make of it. */
export async function startPython(...words: readonly string[]): Promise<LineProgram> {
  const program = new LineProgram([PYTHON, targetPath("blocked.py"), ...words]);
  await program.answer();
  return program;
}

/** The same, as a target that checks itself. */
export async function startBlocked(...words: readonly string[]): Promise<LiveTarget> {
  const program = await startPython(...words);
  return {
    pid: program.pid,
    async check() {
      const echo = Math.random();
      const answer = await program.ask({ echo });
      assertSame("the echo", answer.echo, echo);
      assertSame("is the sum right", answer.isRight, true);
      assertSame("signals", answer.signals, 0);
    },
    end: () => program.end(),
  };
}

/** Throws if a target has not what it should have. */
export function assertSame(what: string, found: unknown, expected: unknown): void {
  if (found !== expected) {
    throw new Error(`The target was harmed: ${what}: ${found} instead of ${expected}`);
  }
}
