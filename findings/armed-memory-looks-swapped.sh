#!/usr/bin/env bash
# A userfaultfd in asynchronous write-protect mode, with UFFD_FEATURE_WP_UNPOPULATED, protects 64 MiB of
# memory that was mapped and never touched.
#
# Expected: nothing to see but, perhaps, a flag: the memory does not exist, and nothing was swapped.
# Seen:     every page is "swapped" (bit 62) in /proc/PID/pagemap and PAGE_IS_SWAPPED to PAGEMAP_SCAN,
#           since its entry holds a marker, while Swap in smaps and VmSwap say 0. The page tables that hold
#           the markers are there too: VmPTE grows by 2 KiB for each MiB that was reserved.
# Versions: 6.12.117, 7.3.4 (Debian's cloud kernels), 6.18.44
set -euo pipefail

cannot() { echo "cannot be tried: $1"; exit 2; }
command -v gcc >/dev/null || cannot "gcc is missing"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cat >"$dir/armed.c" <<'C'
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef UFFD_USER_MODE_ONLY
#define UFFD_USER_MODE_ONLY 1
#endif
enum { PAGES = 16384, PAGE = 4096 };
struct scan {
  uint64_t size, flags, start, end, walk_end, vec, vec_len, max_pages, inverted, mask, any, returned;
};
struct region { uint64_t start, end, categories; };
#define PAGEMAP_SCAN _IOWR('f', 16, struct scan)
enum { PAGE_IS_WRITTEN = 2, PAGE_IS_SWAPPED = 16, PM_SCAN_WP_MATCHING = 1 };
static uint64_t entries[PAGES];

static long of_status(const char *field) {
  char text[1 << 14], *found;
  int file = open("/proc/self/status", O_RDONLY);
  text[read(file, text, sizeof text - 1)] = 0;
  close(file);
  return (found = strstr(text, field)) ? atol(found + strlen(field)) : -1;
}

static long swap_of(char *memory) {
  char line[512];
  unsigned long start, end;
  long swap = -1;
  int is_it = 0;
  FILE *smaps = fopen("/proc/self/smaps", "r");
  while (fgets(line, sizeof line, smaps)) {
    if (sscanf(line, "%lx-%lx ", &start, &end) == 2) {
      is_it = start <= (uintptr_t)memory && (uintptr_t)memory < end;
    }
    if (is_it) sscanf(line, "Swap: %ld", &swap);
  }
  fclose(smaps);
  return swap;
}

int main(void) {
  size_t bytes = (size_t)PAGES * PAGE;
  int pagemap = open("/proc/self/pagemap", O_RDONLY);
  int uffd = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK | UFFD_USER_MODE_ONLY);
  /* PAGEFAULT_FLAG_WP, WP_UNPOPULATED, WP_ASYNC */
  struct uffdio_api api = {.api = UFFD_API, .features = 1 << 0 | 1 << 13 | 1 << 15};
  if (uffd < 0 || ioctl(uffd, UFFDIO_API, &api) < 0) return 2;
  char *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  struct uffdio_register range = {.range = {(uintptr_t)memory, bytes}, .mode = UFFDIO_REGISTER_MODE_WP};
  if (ioctl(uffd, UFFDIO_REGISTER, &range) < 0) return 2;
  long tables = of_status("VmPTE:");
  struct scan arm = {.size = sizeof arm, .flags = PM_SCAN_WP_MATCHING, .start = (uintptr_t)memory,
    .end = (uintptr_t)memory + bytes, .mask = PAGE_IS_WRITTEN};
  if (ioctl(pagemap, PAGEMAP_SCAN, &arm) < 0) return 2;
  tables = of_status("VmPTE:") - tables;
  pread(pagemap, entries, sizeof entries, (uintptr_t)memory / PAGE * 8);
  long swapped = 0, present = 0;
  for (int i = 0; i < PAGES; i++) {
    swapped += entries[i] >> 62 & 1;
    present += entries[i] >> 63;
  }
  struct region region = {0};
  struct scan look = {.size = sizeof look, .start = (uintptr_t)memory, .end = (uintptr_t)memory + bytes,
    .vec = (uintptr_t)&region, .vec_len = 1, .mask = PAGE_IS_SWAPPED, .returned = PAGE_IS_SWAPPED};
  ioctl(pagemap, PAGEMAP_SCAN, &look);
  long scanned = (region.end - region.start) / PAGE;
  long swap = swap_of(memory), in_status = of_status("VmSwap:");
  printf("pagemap: %ld pages present, %ld swapped; PAGEMAP_SCAN: %ld swapped\n", present, swapped, scanned);
  printf("smaps: Swap %ld kB; status: VmSwap %ld kB, VmPTE %+ld kB\n", swap, in_status, tables);
  int is_swapped = swapped == PAGES && scanned == PAGES;
  return !(present == 0 && is_swapped && swap == 0 && in_status == 0 && tables >= 64);
}
C
gcc -O1 -w -o "$dir/armed" "$dir/armed.c"
echo "Linux $(uname -r)"
status=0
"$dir/armed" || status=$?
((status != 2)) || cannot "this kernel has no asynchronous write-protection (6.7 and newer do), or no right to it"
if ((status)); then echo "CHANGED"; exit 1; fi
echo "as stated"
