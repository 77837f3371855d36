/* A process with COUNT mappings, each of a page that is touched; neighbours differ in their rights, so
 * that the kernel does not merge them. Says "ready" and waits until its standard input ends. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  size_t count = atoi(argv[1]);
  char *memory = mmap(0, count * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return perror("mmap"), 1;
  for (size_t i = 0; i < count; i++) {
    memory[i * 4096] = 1;
    if (i % 2 && mprotect(memory + i * 4096, 4096, PROT_READ)) return perror("mprotect"), 1;
  }
  puts("ready");
  fflush(stdout);
  while (getchar() != EOF) {}
  return 0;
}
