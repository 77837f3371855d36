import type { Architecture } from "./architectures.ts";

/** Where the checkout stands in the guest; the command's working directory. */
export const GUEST_CHECKOUT = "/softdirty";

/** The word that init prints on the kernel console, with the run's nonce, when it is about to start the command. */
export const READY = "softdirty-vm-ready";

/** The NVMe namespaces of the guest's disks. */
export const DISK = { root: 1, job: 2, status: 3, files: 4, swap: 5 } as const;

/**
 * The guest's process 1, a busybox shell script.
 *
 * Serial ports: one is the kernel's console, two more the command's stdout and stderr, so that no
 * kernel message can fall among the command's bytes, and no byte of the command can be taken for
 * a message of ours: the exit status travels over a disk.
 *
 * Disks are found by their namespace's number, since kernels from 6.12 on scan namespaces in parallel
 * and may name them in any order.
 *
 * The command writes to pipes, as under a test runner, and not to a terminal. Processes that it
 * leaves behind would keep the pipes open, so they are killed once it has ended.
 */
export const initScript = ({ ttys }: Architecture): string =>
  `#!/bin/sh
export PATH=/usr/local/bin:/usr/bin:/usr/sbin HOME=/root TERM=dumb
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev 2>/dev/null
mkdir -p /dev/pts /dev/shm
mount -t devpts devpts /dev/pts
mount -t tmpfs -o mode=1777 tmpfs /dev/shm
mount -t tmpfs -o mode=1777 tmpfs /tmp
mount -t tmpfs tmpfs /run
ln -sf /proc/self/fd /dev/fd
for fd in 0:stdin 1:stdout 2:stderr; do ln -sf /proc/self/fd/\${fd%:*} /dev/\${fd#*:}; done
hostname softdirty-vm
ip link set lo up

disk() {
  tries=0
  until found=$(grep -lx $1 /sys/block/nvme*/nsid) || [ $tries = 50 ]; do
    tries=$((tries + 1)); sleep 0.1
  done
  found=\${found%/nsid}
  echo /dev/\${found##*/}
}
tar -xf $(disk ${DISK.job}) -C / || poweroff -f
. /job/settings
if [ $swap = 1 ]; then mkswap $(disk ${DISK.swap}) >/dev/null && swapon $(disk ${DISK.swap}); fi
(sleep $timeout_seconds && poweroff -f) & # should the host's side have died

stty -F /dev/${ttys.stdout} raw -echo
stty -F /dev/${ttys.stderr} raw -echo
mkfifo -m 666 /run/stdout /run/stderr
cat /run/stdout >/dev/${ttys.stdout} & stdout_pid=$!
cat /run/stderr >/dev/${ttys.stderr} & stderr_pid=$!
run='sh /job/run'
if [ $user = 1 ]; then
  run='su user /job/run'
  find ${GUEST_CHECKOUT} -name node_modules -prune -o -exec chown user:user {} +
fi
echo "${READY} $nonce" >/dev/console
setsid $run </dev/null >/run/stdout 2>/run/stderr
exit_code=$?

for process in /proc/[0-9]*; do
  pid=\${process#/proc/}
  case $pid in 1 | $stdout_pid | $stderr_pid) continue ;; esac
  [ -e $process/exe ] && kill -KILL $pid # a kernel thread has no executable
done
wait $stdout_pid $stderr_pid

size=0 sum=-
if [ -s /job/get ]; then
  while IFS= read -r path; do [ -e "/$path" ] && printf '%s\\n' "$path"; done </job/get >/run/get
  mkfifo /run/sum
  sha256sum </run/sum >/run/sha256 & sum_pid=$!
  size=$(tr '\\n' '\\0' </run/get | xargs -0 tar -cf - -C / | tee /run/sum $(disk ${DISK.files}) | wc -c)
  wait $sum_pid
  read -r sum _ </run/sha256
fi
echo "$nonce $exit_code $size $sum $(uname -r)" |
  dd of=$(disk ${DISK.status}) bs=4096 conv=sync 2>/dev/null
sync
poweroff -f
`;
