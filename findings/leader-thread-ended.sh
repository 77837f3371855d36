#!/usr/bin/env bash
# /proc/PID of a process whose first thread has ended (pthread_exit in main) while another one works on.
#
# Expected: PID stands for the process, which is alive, has memory, and answers.
# Seen:     PID is the thread that ended: State Z, no VmRSS; maps, smaps and cmdline are empty, without
#           an error, pagemap too on 6.1 (newer kernels refuse to open it); ps calls it defunct. A write to
#           clear_refs succeeds and does nothing. /proc/PID/task/TID of a thread that lives has it all,
#           and a write to its clear_refs works.
# Versions: 6.1.0-50, 6.12.117, 7.3.4 (Debian's cloud kernels), 6.18.44
set -euo pipefail

cannot() { echo "cannot be tried: $1"; exit 2; }
command -v gcc >/dev/null || cannot "gcc is missing"
dir=$(mktemp -d)
pid=
cleanup() {
  [[ -z $pid ]] || kill "$pid"
  rm -rf "$dir"
}
trap cleanup EXIT
cat >"$dir/leader.c" <<'C'
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static void *work(void *memory) {
  memset(memory, 1, 1 << 20);
  printf("%ld\n", syscall(SYS_gettid));
  fflush(stdout);
  for (;;) pause();
}

int main(void) {
  pthread_t thread;
  pthread_create(&thread, NULL, work, malloc(1 << 20));
  pthread_exit(NULL);
}
C
gcc -O1 -pthread -o "$dir/leader" "$dir/leader.c"
"$dir/leader" >"$dir/tid" &
pid=$!
until [[ -s $dir/tid ]] && grep -q '^State:.Z' "/proc/$pid/status"; do sleep 0.05; done
thread=/proc/$pid/task/$(cat "$dir/tid")

bytes() { { head -c 65536 "$1" || true; } 2>/dev/null | wc -c; }
# kB of memory that was used since the last clear, as the thread's smaps reports
referenced() { awk '/^Referenced:/ { sum += $2 } END { print sum + 0 }' "$thread/smaps"; }
echo "Linux $(uname -r)"
changed=0
for file in maps smaps cmdline pagemap; do
  echo "$file: $(bytes "/proc/$pid/$file") bytes under /proc/PID, $(bytes "$thread/$file") under task/TID"
  [[ $(bytes "/proc/$pid/$file") == 0 && $(bytes "$thread/$file") -gt 0 ]] || changed=1
done
echo "State and VmRSS: $(awk '/^(State|VmRSS):/ { print $2 }' "/proc/$pid/status" | xargs) under /proc/PID," \
  "$(awk '/^(State|VmRSS):/ { print $2 }' "$thread/status" | xargs) under task/TID"
grep -q '^VmRSS' "/proc/$pid/status" && changed=1
before=$(referenced)
echo 1 >"/proc/$pid/clear_refs" && between=$(referenced)
echo 1 >"$thread/clear_refs" && after=$(referenced)
echo "Referenced: $before kB, after a write to /proc/PID/clear_refs $between kB, to that of task/TID $after kB"
((between == before && after < before)) || changed=1
if ((changed)); then echo "CHANGED"; exit 1; fi
echo "as stated"
