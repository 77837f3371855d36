#!/usr/bin/env bash
# A process registers a buffer of 4 MiB with io_uring, which pins its pages for as long as the ring lives.
#
# Expected: VmPin in /proc/PID/status is 4096 kB, whoever does it.
# Seen:     on 7.3.4 it is so for an ordinary user, and 0 for root, while fdinfo of the ring lists the buffer
#           (UserBufs) of both. Up to 6.18 both are counted. Whoever looks at VmPin for memory that cannot
#           be moved, or whose soft-dirty bits are never cleared, must read the fdinfo of each ring as well.
# Versions: 7.3.4 (Debian's cloud kernel); 6.1.0-50, 6.12.117 (likewise) and 6.18.44 count both
set -euo pipefail

cannot() { echo "cannot be tried: $1"; exit 2; }
command -v gcc >/dev/null || cannot "gcc is missing"
((EUID == 0)) || cannot "it takes root, to try it as root and as another user"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cat >"$dir/pin.c" <<'C'
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/io_uring.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static long number_of(const char *path, const char *field) {
  char text[1 << 14], *found;
  int file = open(path, O_RDONLY);
  ssize_t length = read(file, text, sizeof text - 1);
  close(file);
  text[length < 0 ? 0 : length] = 0;
  return (found = strstr(text, field)) ? atol(found + strlen(field)) : -1;
}

int main(int argc, char **argv) {
  size_t bytes = 4 << 20;
  char path[64];
  struct io_uring_params parameters = {0};
  struct rlimit limit = {RLIM_INFINITY, RLIM_INFINITY};
  setrlimit(RLIMIT_MEMLOCK, &limit);
  if (setgid(atoi(argv[1])) || setuid(atoi(argv[1]))) return 2;
  prctl(PR_SET_DUMPABLE, 1);
  int ring = syscall(SYS_io_uring_setup, 4, &parameters);
  char *buffer = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  memset(buffer, 1, bytes);
  struct iovec vector = {buffer, bytes};
  if (ring < 0 || syscall(SYS_io_uring_register, ring, IORING_REGISTER_BUFFERS, &vector, 1)) return 2;
  snprintf(path, sizeof path, "/proc/self/fdinfo/%d", ring);
  printf("%ld %ld\n", number_of("/proc/self/status", "VmPin:"), number_of(path, "UserBufs:"));
}
C
gcc -O1 -w -o "$dir/pin" "$dir/pin.c"
release=$(uname -r)
IFS=.- read -r major minor _ <<<"$release"
of_root=4096
((major < 7)) || of_root=0
((major > 7 || (major == 7 && minor >= 3) || (major == 6 && minor <= 18))) ||
  cannot "$release is none of the kernels on which this was seen"
echo "Linux $release"
changed=0
for user in 0 65534; do
  read -r pinned buffers < <("$dir/pin" "$user") ||
    cannot "no ring can be made, or no buffer registered (kernel.io_uring_disabled?)"
  echo "uid $user registered 4096 kB; VmPin: $pinned kB, UserBufs: $buffers"
  ((pinned == (user ? 4096 : of_root) && buffers == 1)) || changed=1
done
if ((changed)); then echo "CHANGED"; exit 1; fi
echo "as stated"
