#!/usr/bin/env bash
# Soft-dirty bits of pages that are written to after a clear, and then reclaimed to swap.
#
# Expected: bit 55 stays until the next clear; the kernel carries it in the swap entry.
# Seen:     so it is for private memory: 64 of 64 pages. Of shared memory no page is dirty any more, 0 of 64:
#           its entry is dropped, and the bit with it, though the data is in swap and was written to. No
#           file says so. A checkpoint that saves what is dirty loses these pages.
# Versions: 6.1.0-57, 6.12.117, 7.3.4 (Debian's cloud kernels)
#
# It takes a kernel with CONFIG_MEM_SOFT_DIRTY and swap. Where the running one has them not, Debian's cloud
# kernel 6.1.0-57 is downloaded, unpacked and booted in QEMU, with this test as init.
set -euo pipefail

cannot() { echo "cannot be tried: $1"; exit 2; }
command -v gcc >/dev/null || cannot "gcc is missing"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cat >"$dir/reclaim.c" <<'C'
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/swap.h>
#include <sys/utsname.h>
#include <unistd.h>

#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT 21
#endif
enum { PAGES = 64, PAGE = 4096, BYTES = PAGES * PAGE };
struct seen { int present, dirty, changed; };

static struct seen look(char *memory) {
  static int pagemap = -1;
  uint64_t entries[PAGES];
  struct seen seen = {0};
  if (pagemap < 0) pagemap = open("/proc/self/pagemap", O_RDONLY);
  pread(pagemap, entries, sizeof entries, (uintptr_t)memory / PAGE * 8);
  for (int i = 0; i < PAGES; i++) {
    seen.present += entries[i] >> 63;
    seen.dirty += entries[i] >> 55 & 1;
  }
  return seen;
}

static void clear(void) {
  int file = open("/proc/self/clear_refs", O_WRONLY);
  write(file, "4", 1);
  close(file);
}

/* 0 as stated, 1 if not, 2 if it cannot be tried. */
static int try(const char *kind, int flags, int dirty_after) {
  char *memory = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, flags | MAP_ANONYMOUS, -1, 0);
  madvise(memory, BYTES, MADV_NOHUGEPAGE);
  memset(memory, 1, BYTES);
  clear();
  struct seen before = look(memory);
  memset(memory, 2, BYTES);
  struct seen written = look(memory);
  /* The first advice may come too early, while pages are being written to swap. */
  struct seen after = written;
  for (int i = 0; i < 50 && after.present > 0; i++) {
    madvise(memory, BYTES, MADV_PAGEOUT);
    usleep(20000);
    after = look(memory);
  }
  int kept = 0;
  for (int i = 0; i < BYTES; i++) kept += memory[i] == 2;
  printf("%s memory: dirty %d after the clear, %d once written; ", kind, before.dirty, written.dirty);
  printf("reclaimed: present %d, dirty %d of %d\n", after.present, after.dirty, PAGES);
  if (before.dirty != 0 || written.dirty != PAGES || after.present != 0 || kept != BYTES) return 2;
  return after.dirty != dirty_after;
}

int main(void) {
  int is_init = getpid() == 1;
  if (is_init) {
    mount("none", "/proc", "proc", 0, NULL);
    mount("none", "/dev", "devtmpfs", 0, NULL);
    int console = open("/dev/console", O_RDWR);
    dup2(console, 1);
    for (int i = 0; i < 100 && swapon("/dev/nvme0n1", 0); i++) usleep(50000);
  }
  struct utsname name;
  uname(&name);
  printf("\nLinux %s\n", name.release);
  int of_private = try("private", MAP_PRIVATE, PAGES), of_shared = try("shared", MAP_SHARED, 0);
  int result = of_private == 2 || of_shared == 2 ? 2 : of_private || of_shared;
  if (!is_init) return result;
  printf("result %d\n", result);
  fflush(stdout);
  sync();
  reboot(RB_POWER_OFF);
}
C
gcc -O1 -w -static -o "$dir/init" "$dir/reclaim.c"
status=0
"$dir/init" >"$dir/output" || status=$?
if ((status == 2)); then
  echo "Linux $(uname -r) has no soft-dirty bits or no swap: booting another"
  for tool in qemu-system-x86_64 cpio mkswap apt-get dpkg-deb; do
    command -v "$tool" >/dev/null || cannot "$tool is missing"
  done
  cd "$dir"
  # Mirrors drop old kernels: then the newest one has to do.
  package=linux-image-6.1.0-57-cloud-amd64
  [[ -n $(apt-cache show "$package" 2>/dev/null) ]] ||
    package=$(apt-cache depends linux-image-cloud-amd64 | awk '/Depends: linux-image/ { print $2; exit }')
  [[ -n $package ]] || cannot "apt has no linux-image-cloud-amd64 (apt-get update?)"
  mkdir kernel proc dev
  apt-get -qq -o APT::Sandbox::User=root download "$package" || cannot "$package cannot be downloaded"
  dpkg-deb -x linux-image-*.deb kernel
  printf '%s\n' init proc dev | cpio --quiet -o -H newc >initrd
  (umask 077 && head -c 64M /dev/zero >swap)
  mkswap swap >/dev/null
  timeout 300 qemu-system-x86_64 -accel tcg -cpu max,-cx16 -m 512 -nographic -no-reboot -nic none \
    -kernel kernel/boot/vmlinuz-* -initrd initrd -append "console=ttyS0 quiet panic=-1" \
    -drive file=swap,format=raw,if=none,id=swap -device nvme,serial=1,drive=swap </dev/null |
    tr -d '\r' >output || cannot "QEMU failed"
  status=$(awk '/^result / { print $2 }' output)
  [[ -n $status ]] || { cat output; cannot "the kernel did not come to an end"; }
fi
grep -aE '^Linux |memory: ' "$dir/output"
((status != 2)) || cannot "no page was tracked, or none reclaimed"
if ((status)); then echo "CHANGED"; exit 1; fi
echo "as stated"
