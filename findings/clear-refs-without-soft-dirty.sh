#!/usr/bin/env bash
# A kernel built without CONFIG_MEM_SOFT_DIRTY is asked to track writes: echo 4 > /proc/PID/clear_refs.
#
# Expected: EINVAL, as for other values that it does not know (it refuses 6), or ENOTSUP.
# Seen:     the write succeeds, bit 55 of each entry in pagemap stays 0 whatever is written to, and
#           PAGEMAP_SCAN takes PAGE_IS_SOFT_DIRTY and finds nothing. All three read as "not a page was
#           written". Only trying it out on memory of one's own distinguishes the kernels.
# Versions: 6.18.44
set -euo pipefail

cannot() { echo "cannot be tried: $1"; exit 2; }
command -v gcc >/dev/null || cannot "gcc is missing"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cat >"$dir/try.c" <<'C'
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

enum { PAGES = 64, PAGE = 4096 };
struct scan {
  uint64_t size, flags, start, end, walk_end, vec, vec_len, max_pages, inverted, mask, any, returned;
};
struct region { uint64_t start, end, categories; };
#define PAGEMAP_SCAN _IOWR('f', 16, struct scan)
#define PAGE_IS_SOFT_DIRTY 128

int main(void) {
  char *memory = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  uint64_t entries[PAGES];
  struct region regions[PAGES];
  int clear = open("/proc/self/clear_refs", O_WRONLY), pagemap = open("/proc/self/pagemap", O_RDONLY);
  memset(memory, 1, PAGES * PAGE);
  int unknown = write(clear, "6", 1) < 0 ? errno : 0;
  int result = write(clear, "4", 1);
  memset(memory, 2, PAGES * PAGE);
  pread(pagemap, entries, sizeof entries, (uintptr_t)memory / PAGE * 8);
  int dirty = 0, present = 0;
  for (int i = 0; i < PAGES; i++) {
    dirty += entries[i] >> 55 & 1;
    present += entries[i] >> 63;
  }
  uint64_t start = (uintptr_t)memory;
  struct scan scan = {.size = sizeof scan, .start = start, .end = start + PAGES * PAGE,
    .vec = (uintptr_t)regions, .vec_len = PAGES, .mask = PAGE_IS_SOFT_DIRTY, .returned = PAGE_IS_SOFT_DIRTY};
  int found = ioctl(pagemap, PAGEMAP_SCAN, &scan);
  printf("write of 6: %s, write of 4: %s\n", strerror(unknown), result == 1 ? "Success" : strerror(errno));
  printf("pages written since: %d, present: %d, ", PAGES, present);
  printf("bit 55: %d, PAGEMAP_SCAN: %d\n", dirty, found);
  if (dirty > 0) return 2;
  return !(unknown == EINVAL && result == 1 && present == PAGES && found == 0);
}
C
gcc -O1 -w -o "$dir/try" "$dir/try.c"
echo "Linux $(uname -r)"
status=0
"$dir/try" || status=$?
((status != 2)) || cannot "this kernel has soft-dirty bits; take one without CONFIG_MEM_SOFT_DIRTY"
if ((status)); then echo "CHANGED"; exit 1; fi
echo "as stated"
