/* A process with memory to read: maps GIB GiB of small pages, and touches all of them but one in HOLE,
 * chosen at random, so that the flags of neighbours change as often as they do for random writes.
 * Says "ready" and waits until its standard input ends. */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  size_t length = (size_t)(atof(argv[1]) * (1 << 30));
  unsigned hole = atoi(argv[2]);
  char *memory = mmap(0, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return perror("mmap"), 1;
  madvise(memory, length, MADV_NOHUGEPAGE);
  uint64_t random = 88172645463325252u;
  for (size_t at = 0; at < length; at += 4096) {
    random ^= random << 13, random ^= random >> 7, random ^= random << 17;
    if (random % hole) memory[at] = 1;
  }
  puts("ready");
  fflush(stdout);
  while (getchar() != EOF) {}
  return 0;
}
