#!/usr/bin/env bash
# /proc/PID/maps, read while the process splits and merges mappings.
#
# Expected: some lines may be old and some new, but the ranges ascend, and no address is listed twice.
# Seen:     since Linux 6.17 (per-VMA locks) a line can begin below the end of the line before it. The
#           process never has overlapping mappings; the file lists one before and one after a merge. One
#           reading in a few hundred here, of 6,000 mappings; a larger read(2) buffer does not help, as
#           the kernel fills one page a call.
# Versions: 6.18.44 (7.3.4 with one processor, in QEMU: none in two minutes)
set -euo pipefail

cannot() { echo "cannot be tried: $1"; exit 2; }
command -v gcc >/dev/null || cannot "gcc is missing"
(($(nproc) > 1)) || cannot "it takes two processors"
release=$(uname -r)
IFS=.- read -r major minor _ <<<"$release"
((major > 6 || (major == 6 && minor >= 17))) || cannot "Linux $release is older than 6.17"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cat >"$dir/overlap.c" <<'C'
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

enum { SLOTS = 3000, PAGE = 4096, SLOT = 8 * PAGE };
static char text[1 << 23];

/* The middle of a slot becomes read-only and writable again: one mapping, three, and one again. */
static _Noreturn void churn(void) {
  size_t bytes = (size_t)SLOTS * SLOT;
  char *all = mmap(NULL, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  for (size_t i = 0; i < SLOTS; i++) mprotect(all + i * SLOT, 4 * PAGE, PROT_READ | PROT_WRITE);
  for (unsigned n = 0;; n++) {
    char *slot = all + (size_t)(n * 2654435761u % SLOTS) * SLOT;
    mprotect(slot + PAGE, 2 * PAGE, PROT_READ);
    mprotect(slot + PAGE, 2 * PAGE, PROT_READ | PROT_WRITE);
    mprotect(slot, 3 * PAGE, PROT_READ);
    mprotect(slot, 3 * PAGE, PROT_READ | PROT_WRITE);
  }
}

int main(void) {
  pid_t child = fork();
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    churn();
  }
  sleep(1);
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/maps", child);
  int found = 0, readings = 0;
  for (time_t end = time(NULL) + 120; found < 3 && time(NULL) < end; readings++) {
    int file = open(path, O_RDONLY);
    size_t length = 0;
    ssize_t got;
    while ((got = read(file, text + length, sizeof text - 1 - length)) > 0) length += got;
    close(file);
    text[length] = 0;
    unsigned long before = 0, start, end_of;
    const char *last = text;
    for (char *line = text; *line; line = strchr(line, '\n') + 1) {
      sscanf(line, "%lx-%lx", &start, &end_of);
      if (start < before) {
        printf("reading %d:\n", readings);
        printf("  %.*s\n", (int)strcspn(last, "\n"), last);
        printf("  %.*s\n", (int)strcspn(line, "\n"), line);
        found++;
        break;
      }
      before = end_of;
      last = line;
    }
  }
  kill(child, SIGKILL);
  printf("%d of %d readings list an address twice\n", found, readings);
  return found == 0;
}
C
gcc -O1 -o "$dir/overlap" "$dir/overlap.c"
echo "Linux $release"
if "$dir/overlap"; then echo "as stated"; else echo "CHANGED: no reading had overlapping lines in two minutes"; exit 1; fi
