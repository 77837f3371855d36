/**
 * Resumes a target if this program dies, or is suspended, while it holds the target.
 *
 * A shell of its own session waits on a pipe. It gets a word before the target is held and one after it
 * runs again. When the pipe closes, as it does however this program ends, and the target was held, the
 * shell resumes it. While the target is held, the shell checks whether this program is suspended
 * (SIGSTOP, or Ctrl-Z in its terminal). A signal to this program alone does not reach the shell.
 *
 * A control group that is frozen stops the shell too. Then the target is stopped until the group is
 * thawed, unless it is in that group itself.
 *
 * @module
 */

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { setPriority } from "node:os";
import process from "node:process";
import { closeDescriptor, openPipe, readByte, writeText } from "../system/libc.ts";
import { sleepSync } from "../system/sleep_sync.ts";

/** How often the shell checks whether this program is suspended, while a target is held. */
const LOOK_INTERVAL_S = 0.01;
const HELD = "held\n";
const FREE = "free\n";
const LEAST_NICE = -20;
/** What the shell answers once it knows that the target runs again. */
const AWARE = "f".charCodeAt(0);
const SETTLE_MS = 1000;

/** What the shell does if this program is suspended. */
export type WhenSuspended =
  /** It resumes the target by the same command as if this program had died. */
  | "release the target"
  /** It resumes this program, which alone can release the target, and which then suspends itself again. */
  | "continue this program";

/**
 * `$1` is our pid, `$2` what to do if we are suspended; the rest is the command that lets the target go
 * on. bash can wait for a word for a part of a second; any other shell has a second process look.
 */
const SCRIPT = `trap '' HUP INT TERM
tool=$1 mode=$2
shift 2
is_suspended() {
  read -r stat <"/proc/$tool/stat" || return 1
  stat=\${stat##*) }
  [ "\${stat%% *}" = T ]
}
meet() {
  is_suspended || return 1
  echo >&3
  if [ "$mode" = release ]; then "$@"; else kill -CONT "$tool"; fi
}
look() {
  while sleep ${LOOK_INTERVAL_S}; do
    if meet "$@" && [ "$mode" = release ]; then break; fi
  done
}
last=free
watcher=
next_word() {
  if [ -z "$BASH_VERSION" ] || [ "$last" != held ]; then
    read -r word
    return
  fi
  while :; do
    read -r -t ${LOOK_INTERVAL_S} word
    case $? in
      0) return 0 ;;
      1) return 1 ;;
    esac
    if meet "$@" && [ "$mode" = release ]; then
      read -r word
      return
    fi
  done
}
while next_word "$@"; do
  last=$word
  if [ -n "$watcher" ]; then kill -KILL "$watcher"; wait "$watcher"; watcher=; fi 2>/dev/null
  if [ "$last" = free ]; then printf f >&3; fi
  [ -n "$BASH_VERSION" ] && continue
  if [ "$last" = held ]; then look "$@" & watcher=$!; fi
done
[ -n "$watcher" ] && kill -KILL "$watcher"
[ "$last" = held ] && [ $# -gt 0 ] && "$@"`;

/** Keeps watch over one target at a time. */
export class HoldGuard {
  readonly #shell: ChildProcess;
  readonly #words: number;
  readonly #answers: number;
  #hasActed = false;
  /** True if the shell knows that nothing is held. */
  #isAware = true;

  /** @param release resumes the target: a command and its arguments; empty if our death does */
  constructor(whenSuspended: WhenSuspended, release: readonly string[], shell = aShell()) {
    const words = openPipe();
    const answers = openPipe({ isBlocking: false });
    this.#words = words.writeEnd;
    this.#answers = answers.readEnd;
    const mode = whenSuspended === "release the target" ? "release" : "continue";
    const parameters = [String(process.pid), mode, ...release];
    try {
      this.#shell = spawn(shell, ["-c", SCRIPT, "softdirty-guard", ...parameters], {
        detached: true,
        stdio: [words.readEnd, "ignore", "ignore", answers.writeEnd],
      });
      this.#shell.on("error", () => {}); // `holding` reports it
      this.#shell.unref();
      if (this.#shell.pid !== undefined) comeFirst(this.#shell.pid);
    } finally {
      closeDescriptor(words.readEnd);
      closeDescriptor(answers.writeEnd);
    }
  }

  /**
   * To be called before the target is held.
   *
   * @throws Error if the guard is not running
   */
  holding(): void {
    if (this.#shell.pid === undefined) throw new Error("/bin/sh cannot be started");
    this.#readAnswers(); // those that came late
    [this.#hasActed, this.#isAware] = [false, false];
    writeText(this.#words, HELD);
  }

  /** True if this program was suspended since {@linkcode holding}, and the shell has acted. */
  hasActed(): boolean {
    this.#readAnswers();
    return this.#hasActed;
  }

  /**
   * Waits until the shell knows that the target runs again: before that it takes any stop of this program for
   * one that holds the target. Gives up after a second.
   */
  settle(): void {
    for (let i = 0; i < SETTLE_MS && !this.#isAware; i++) {
      this.#readAnswers();
      if (!this.#isAware) sleepSync(1);
    }
  }

  #readAnswers(): void {
    for (let byte; (byte = readByte(this.#answers)) !== undefined;) {
      if (byte === AWARE) this.#isAware = true;
      else this.#hasActed = true;
    }
  }

  /** To be called once the target runs again. */
  goesOn(): void {
    writeText(this.#words, FREE);
  }

  /** Ends the watch. */
  close(): void {
    closeDescriptor(this.#words);
    closeDescriptor(this.#answers);
  }
}

/** A target that is held waits for the shell, beside busy processes too. */
function comeFirst(pid: number): void {
  try {
    setPriority(pid, LEAST_NICE);
  } catch {
    // That is for root alone.
  }
}

function aShell(): string {
  return existsSync("/bin/bash") ? "/bin/bash" : "/bin/sh";
}
