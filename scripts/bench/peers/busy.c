/* A process with COUNT threads that never wait. Says "ready"; ends when its standard input does. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void *work(void *unused) {
  for (volatile unsigned long x = 1;; x = x * 3 + 1) {}
  return unused;
}

static void *until_end(void *unused) {
  while (getchar() != EOF) {}
  exit(0);
  return unused;
}

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  pthread_t thread;
  for (int i = 1; i < atoi(argv[1]); i++) pthread_create(&thread, 0, work, 0);
  pthread_create(&thread, 0, until_end, 0);
  puts("ready");
  fflush(stdout);
  work(0);
}
