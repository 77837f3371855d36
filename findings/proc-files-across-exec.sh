#!/usr/bin/env bash
# Files of /proc/PID that were opened before the process executes another program.
#
# Expected: all of them follow the process, or all of them belong to the program that was there.
# Seen:     maps, smaps, pagemap and mem belong to the old memory: they read as empty (0 bytes), without
#           an error, while smaps_rollup says ESRCH. clear_refs follows the process: a write to it clears
#           the bits of the new program, which a reader of the pagemap beside it never sees. status and
#           statm follow too.
# Versions: 6.1.0-50, 6.12.117, 7.3.4 (Debian's cloud kernels), 6.18.44
set -euo pipefail

cannot() { echo "cannot be tried: $1"; exit 2; }
command -v gcc >/dev/null || cannot "gcc is missing"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cat >"$dir/exec.c" <<'C'
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int open_of(pid_t pid, const char *name, int flags) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
  return open(path, flags);
}

static long number_of(pid_t pid, const char *file, const char *field) {
  char text[1 << 16], *found;
  int descriptor = open_of(pid, file, O_RDONLY);
  ssize_t length = read(descriptor, text, sizeof text - 1);
  close(descriptor);
  text[length < 0 ? 0 : length] = 0;
  return (found = strstr(text, field)) ? atol(found + strlen(field)) : -1;
}

int main(int argc, char **argv) {
  static char buffer[1 << 16];
  if (argc > 1) {
    char byte;
    write(1, "r", 1);
    read(0, &byte, 1);
    if (!strcmp(argv[1], "old")) execl("/proc/self/exe", argv[0], "new", NULL);
    return 0;
  }
  int from[2], to[2], changed = 0;
  pipe(from);
  pipe(to);
  pid_t pid = fork();
  if (pid == 0) {
    dup2(from[1], 1);
    dup2(to[0], 0);
    execl("/proc/self/exe", argv[0], "old", NULL);
  }
  read(from[0], buffer, 1);
  const struct { const char *name; int lives, error; } files[] = {
    {"maps", 0, 0}, {"smaps", 0, 0}, {"pagemap", 0, 0}, {"mem", 0, 0},
    {"smaps_rollup", 0, ESRCH}, {"status", 1, 0}, {"statm", 1, 0},
  };
  enum { FILES = sizeof files / sizeof *files };
  int descriptors[FILES], clear = open_of(pid, "clear_refs", O_WRONLY);
  for (int i = 0; i < FILES; i++) descriptors[i] = open_of(pid, files[i].name, O_RDONLY);
  /* An address that the process has, now and before: the lowest. */
  unsigned long address;
  int maps = open_of(pid, "maps", O_RDONLY);
  read(maps, buffer, 64);
  address = strtoul(buffer, NULL, 16);
  write(to[1], "g", 1);
  read(from[0], buffer, 1);
  for (int i = 0; i < FILES; i++) {
    int is_pagemap = !strcmp(files[i].name, "pagemap"), is_memory = !strcmp(files[i].name, "mem");
    long at = is_pagemap ? address / 4096 * 8 : is_memory ? address : 0;
    errno = 0;
    ssize_t length = pread(descriptors[i], buffer, 512, at);
    printf("%-12s %3zd bytes %s\n", files[i].name, length, length < 0 ? strerror(errno) : "");
    if (errno != files[i].error || (length > 0) != files[i].lives) changed = 1;
  }
  long before = number_of(pid, "smaps_rollup", "Referenced:");
  ssize_t written = write(clear, "1", 1);
  long after = number_of(pid, "smaps_rollup", "Referenced:");
  printf("clear_refs   write of 1: %zd; Referenced of the new program: ", written);
  printf("%ld kB before, %ld kB after\n", before, after);
  if (written != 1 || before <= 0 || after >= before) changed = 1;
  kill(pid, SIGKILL);
  waitpid(pid, NULL, 0);
  return changed;
}
C
gcc -O1 -w -o "$dir/exec" "$dir/exec.c"
echo "Linux $(uname -r), each file opened before an exec and read after it"
if "$dir/exec"; then echo "as stated"; else echo "CHANGED"; exit 1; fi
