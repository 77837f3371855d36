/**
 * Parses `/proc/PID/stat`; see proc_pid_stat(5).
 *
 * @module
 */

/** The fields of `stat` that identify the process and whether it has memory to track. */
export interface ProcessStat {
  readonly pid: number;
  readonly command: string;
  /** One letter: `R`unning, `S`leeping, `Z`ombie, `X` dead, ... */
  readonly state: string;
  readonly parentPid: number;
  /** The `PF_*` flags of the kernel's `include/linux/sched.h`. */
  readonly flags: number;
  /** Since boot. */
  readonly startTimeTicks: number;
  /** Pages in RAM (RSS); the kernel counts them by the way, and may be off by some. */
  readonly residentPages: number;
}

const PF_EXITING = 0x0000_0004;
const PF_KTHREAD = 0x0020_0000;

/**
 * Reads one line of `stat`. The command stands between the first `(` and the last `)`, and may hold
 * both, and spaces and newlines.
 *
 * @throws SyntaxError if the text is not of the form that the kernel prints.
 */
export function parseStat(text: string): ProcessStat {
  const open = text.indexOf("(");
  const close = text.lastIndexOf(")");
  const fields = text.slice(close + 2).trimEnd().split(" ");
  if (open < 0 || close < open || fields.length < 22) {
    throw new SyntaxError(`Not a line of stat: ${JSON.stringify(text)}`);
  }
  return {
    pid: Number(text.slice(0, open)),
    command: text.slice(open + 1, close),
    state: fields[0],
    parentPid: Number(fields[1]),
    flags: Number(fields[6]),
    startTimeTicks: Number(fields[19]),
    residentPages: Number(fields[21]),
  };
}

/** True for a thread of the kernel, which has no memory of its own. */
export function isKernelThread(stat: ProcessStat): boolean {
  return (stat.flags & PF_KTHREAD) !== 0;
}

/** True for a process that has exited, or is about to: its memory is gone or going. */
export function isEnding(stat: ProcessStat): boolean {
  return stat.state === "Z" || stat.state === "X" || (stat.flags & PF_EXITING) !== 0;
}
