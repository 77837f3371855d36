#!/usr/bin/env bash
# ioctl(PAGEMAP_SCAN) over 16,384 pages, with a vector that has room for every region.
#
# Expected: walk_end is where the scan ended; once all is scanned it equals end. So one scans on from
#           walk_end until it is end.
# Seen:     with up to 511 regions it is. With more, walk_end can stay where the kernel last handed over a
#           batch of regions, though the regions after it are in the vector as well: a loop by walk_end
#           gets them a second time. What shows it is the number returned: fewer than there was room for.
# Versions: 6.12.117, 7.3.4 (Debian's cloud kernels), 6.18.44
set -euo pipefail

cannot() { echo "cannot be tried: $1"; exit 2; }
command -v gcc >/dev/null || cannot "gcc is missing"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cat >"$dir/scan.c" <<'C'
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

enum { PAGES = 16384, PAGE = 4096, ROOM = 4096 };
struct scan {
  uint64_t size, flags, start, end, walk_end, vec, vec_len, max_pages, inverted, mask, any, returned;
};
struct region { uint64_t start, end, categories; };
#define PAGEMAP_SCAN _IOWR('f', 16, struct scan)
#define PAGE_IS_PRESENT 8

int main(void) {
  static struct region regions[ROOM];
  int pagemap = open("/proc/self/pagemap", O_RDONLY), changed = 0;
  char *memory = mmap(NULL, (size_t)PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  madvise(memory, (size_t)PAGES * PAGE, MADV_NOHUGEPAGE);
  const int counts[] = {100, 511, 600, 2000};
  for (int n = 0; n < 4; n++) {
    madvise(memory, (size_t)PAGES * PAGE, MADV_DONTNEED);
    /* Every second page of the first: as many regions as pages. */
    for (int i = 0; i < counts[n]; i++) memory[(size_t)i * 2 * PAGE] = 1;
    uint64_t start = (uintptr_t)memory, end = start + (uint64_t)PAGES * PAGE, twice = 0;
    long first = -1;
    uint64_t first_end = 0;
    for (uint64_t at = start, last = start; at < end;) {
      struct scan scan = {.size = sizeof scan, .start = at, .end = end,
        .vec = (uintptr_t)regions, .vec_len = ROOM,
        .mask = PAGE_IS_PRESENT, .returned = PAGE_IS_PRESENT};
      long found = ioctl(pagemap, PAGEMAP_SCAN, &scan);
      if (found < 0) return errno == ENOTTY || errno == EINVAL ? 2 : 1;
      if (first < 0) {
        first = found;
        first_end = scan.walk_end;
      }
      for (long i = 0; i < found; i++) {
        if (regions[i].start < last) twice++;
        else last = regions[i].end;
      }
      if (scan.walk_end <= at) break;
      at = scan.walk_end;
    }
    int is_end = first_end == end;
    printf("%4d regions: %4ld of %d returned, ", counts[n], first, ROOM);
    printf("walk_end at page %5lu of %d; ", (first_end - start) / PAGE, PAGES);
    printf("the loop sees %lu regions twice\n", twice);
    int is_small = counts[n] < 512;
    if (first != counts[n] || is_end != is_small || (twice > 0) == is_small) changed = 1;
  }
  return changed;
}
C
gcc -O1 -w -o "$dir/scan" "$dir/scan.c"
echo "Linux $(uname -r)"
status=0
"$dir/scan" || status=$?
((status != 2)) || cannot "this kernel has no PAGEMAP_SCAN (6.7 and newer do)"
if ((status)); then echo "CHANGED"; exit 1; fi
echo "as stated"
