/* A process with memory to read: maps GIB GiB of small pages, and touches all of them but one in HOLE,
 * chosen at random, so that the flags of neighbours change as often as they do for random writes (0 for
 * no holes). Says "ready"; then for each line N on standard input it writes to one page in N, chosen at
 * random anew, and answers with how many that were. */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static uint64_t state = 88172645463325252u;

static uint64_t next_random(void) {
  state ^= state << 13, state ^= state >> 7, state ^= state << 17;
  return state;
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  size_t length = (size_t)(atof(argv[1]) * (1 << 30));
  unsigned hole = atoi(argv[2]);
  char *memory = mmap(0, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return perror("mmap"), 1;
  madvise(memory, length, MADV_NOHUGEPAGE);
  for (size_t at = 0; at < length; at += 4096)
    if (hole == 0 || next_random() % hole) memory[at] = 1;
  puts("ready");
  fflush(stdout);
  for (unsigned share; scanf("%u", &share) == 1;) {
    unsigned written = 0;
    for (size_t at = 0; at < length; at += 4096)
      if (next_random() % share == 0) memory[at]++, written++;
    printf("%u\n", written);
    fflush(stdout);
  }
  return 0;
}
