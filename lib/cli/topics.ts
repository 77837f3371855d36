/**
 * What `softdirty help TOPIC` prints besides its commands, and the man page too.
 *
 * @module
 */

/** A topic. Lines that begin with two spaces stay as they are; others are paragraphs. */
export interface Topic {
  readonly name: string;
  readonly title: string;
  readonly lines: readonly string[];
}

/** All of them, in the order in which a person needs them. */
export const TOPICS: readonly Topic[] = [
  {
    name: "kernels",
    title: "what a kernel must have",
    lines: [
      "softdirty doctor tests the kernel, and says what is missing.",
      "soft-dirty: CONFIG_MEM_SOFT_DIRTY, on x86-64, s390x and ppc64, and on riscv64 lately; Debian's " +
      "kernels for x86-64 have it, most cloud kernels have not. Many kernels without it accept a " +
      "clear, and then never report a page. Needs the same user as the process, or root.",
      "uffd-wp: Linux 6.7 or newer with CONFIG_USERFAULTFD, on x86-64 or arm64. Needs the rights of a " +
      "debugger: where kernel.yama.ptrace_scope is 1, only what softdirty starts itself, or root.",
      "Traces are read on any system, without root and without native code.",
    ],
  },
  {
    name: "trackers",
    title: "two ways of tracking writes",
    lines: [
      "--tracker auto takes soft-dirty where the kernel was proven to have it, else uffd-wp. Where the " +
      "kernel has both, it takes uffd-wp for a process with much writable shared memory or files mapped " +
      "shared: at least 16 MiB that exist, or at least 1 MiB that is a quarter of its writable memory. " +
      "softdirty doctor -p PID shows which it takes, and why; softdirty info shows it for a trace.",
      "soft-dirty has one bit for each page that is mapped, and for a huge page one for all 512. New, " +
      "grown and moved memory is reported as a whole. Read and clear are two steps: a write between " +
      "them is in no snapshot, unless --freeze stops the process around both. When the kernel reclaims " +
      "a page of shared memory or of a file, its bit is lost, also with --freeze. Hugetlb memory and private " +
      "pages that are pinned for long (RDMA, VFIO, registered buffers of io_uring) are not tracked.",
      "uffd-wp write-protects the pages with a userfaultfd that softdirty makes in the process, for " +
      "which one of its threads is stopped once for a millisecond or two. Read and clear are one step. " +
      "Huge pages are split while they are tracked; --keep-huge leaves such mappings out. Children and " +
      "new programs are attached to separately; what they wrote before that can be lost, which is " +
      "reported. Pages that the process gives back (MADV_DONTNEED, MADV_FREE) are reported, since their " +
      "content changed. No tracker sees what devices write to pinned pages, or the kernel to rings of " +
      "perf and of sockets. Results state how much memory can be written so.",
    ],
  },
  {
    name: "costs",
    title: "what measuring costs and distorts",
    lines: [
      "A fault of about a microsecond for the first write to each page after each clear, in the process " +
      "that is tracked. With soft-dirty also the clear itself, during which its page faults wait. So " +
      "short intervals cost more, and a page that is written again and again costs once for each.",
      "softdirty watch --budget 1% waits longer where that would cost more; top and watch show what " +
      "tracking costs. The recorder itself takes a few percent of a core at ten snapshots a second.",
      "--freeze makes epoll_wait, semtimedop, sigtimedwait and calls on sockets with a timeout return " +
      "EINTR at each read and clear; attaching with uffd-wp does so once. uffd-wp adds at most 4 MiB to " +
      "the page tables of the process, which stay until that memory is unmapped.",
      "Rates count each page once in a window: the longer the window, the lower the rate. Compare what " +
      "was recorded at the same interval.",
    ],
  },
  {
    name: "windows",
    title: "what measures and forecasts count in",
    lines: [
      "A window goes from the beginning of a clear to the end of the last read before the next one. A " +
      "snapshot that follows no clear is left out of every measure, with a note.",
      "Rates are lower bounds: counted over the longest time that a window can have had. The upper bound is " +
      "printed beside them. An exec begins another program, with results of its own.",
    ],
  },
  {
    name: "expressions",
    title: "which memory to keep: -e",
    lines: [
      "Conditions are joined with and, or, not and parentheses:",
      '  mapping ~ "redis|heap" and perms has w and size >= 2MiB and reason != new',
      "Fields and their operators:",
      "  mapping, command   == != with * and ?, ~ !~ with a regular expression (RE2)",
      "  perms              has letters, == all four",
      "  size, pid, time, snapshot   == != < <= > >=, in A..B",
      "  address            in A..B, < and >=, in hexadecimal; mappings are cut there",
      "  page               has dirty, present, swapped, huge, fileOrShared, ...",
      "  reason             == != written, new, huge, moved",
      "A range A..B excludes B. Sizes are powers of 1024; times are written 100ms, 10s or 5m.",
    ],
  },
  {
    name: "traces",
    title: "files that are recorded",
    lines: [
      "Each clear, read and mark is appended as it happens, and the file is whole at any time, also if " +
      "its recorder is killed: softdirty repair writes the index that is missing then. Only its owner " +
      "can read it. lib/trace/FORMAT.md specifies it for readers in any language.",
      "--rotate 10m --keep 6 starts a new file every ten minutes and keeps the last hour; all of them " +
      "are read as one, by the name without a number. A name with such files left over is refused. " +
      "--sync each fsyncs after every record.",
      "softdirty import makes traces of CRIU's images, and of copies of /proc/PID/pagemap.",
    ],
  },
  {
    name: "completion",
    title: "shell completion",
    lines: [
      "Put one of these into the file that your shell reads when it starts:",
      "  source <(softdirty complete bash)",
      "  source <(softdirty complete zsh)",
      "  softdirty complete fish | source",
      "Completion works for the command softdirty, not through npx.",
    ],
  },
  {
    name: "exit-codes",
    title: "what commands exit with",
    lines: [
      "  0   done",
      "  1   failed, or finished without unreadable parts (listed on standard error)",
      "  2   wrong usage, or an expression that cannot be parsed",
      "  3   compare: grown by more than --fail-above allows",
      "With --json, errors are lines of JSON on standard error; so is each part of a trace that " +
      'could not be read, with the code "damaged".',
    ],
  },
];
