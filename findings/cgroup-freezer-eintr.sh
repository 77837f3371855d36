#!/usr/bin/env bash
# The freezer of control groups (version 2): a process is frozen for 0.3 s and resumed.
#
# Expected: it does not notice; unlike SIGSTOP and SIGCONT the freezer sends no signal that can be seen.
# Seen:     epoll_wait, recv with SO_RCVTIMEO, semtimedop and sigtimedwait return EINTR, though no signal
#           came and no handler is installed; poll, select, nanosleep, futex and recv without a timeout
#           continue. The freezer of version 1 (6.18) interrupts only epoll_wait and semtimedop.
# Versions: 6.1.0-50, 6.12.117, 7.3.4 (Debian's cloud kernels), 6.18.44
set -euo pipefail

cannot() { echo "cannot be tried: $1"; exit 2; }
command -v gcc >/dev/null || cannot "gcc is missing"
mount=$(awk '/ - cgroup2 / { print $5; exit }' /proc/self/mountinfo)
[[ -n $mount ]] || cannot "no control groups of version 2 are mounted"
group=$(mktemp -d "$mount/freeze.XXXXXX") || cannot "no group can be made below the cgroup mount; run as root"
dir=$(mktemp -d)
cleanup() {
  echo 0 >"$group/cgroup.freeze"
  wait
  rmdir "$group"
  rm -rf "$dir"
}
trap cleanup EXIT
cat >"$dir/wait.c" <<'C'
#define _GNU_SOURCE
#include <errno.h>
#include <linux/futex.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Waits two seconds for what does not come, and prints what the call says. */
int main(int argc, char **argv) {
  const char *call = argv[argc - 1];
  struct timespec two = {2, 0};
  struct timeval limit = {2, 0};
  int pair[2], word = 0, result = 0;
  char byte;
  fd_set set;
  sigset_t none, usr1;
  socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
  sigemptyset(&usr1);
  sigaddset(&usr1, SIGUSR1);
  sigprocmask(SIG_BLOCK, &usr1, &none);
  errno = 0;
  if (!strcmp(call, "epoll_wait")) {
    struct epoll_event event;
    result = epoll_wait(epoll_create1(0), &event, 1, 2000);
  } else if (!strcmp(call, "recv")) {
    setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    result = recv(pair[0], &byte, 1, 0);
  } else if (!strcmp(call, "semtimedop")) {
    int id = semget(IPC_PRIVATE, 1, 0600);
    struct sembuf take = {0, -1, 0};
    result = semtimedop(id, &take, 1, &two);
    int error = errno;
    semctl(id, 0, IPC_RMID);
    errno = error;
  } else if (!strcmp(call, "sigtimedwait")) {
    result = sigtimedwait(&usr1, NULL, &two);
  } else if (!strcmp(call, "poll")) {
    result = poll(&(struct pollfd){pair[0], POLLIN, 0}, 1, 2000);
  } else if (!strcmp(call, "select")) {
    FD_ZERO(&set);
    FD_SET(pair[0], &set);
    result = select(pair[0] + 1, &set, NULL, NULL, &limit);
  } else if (!strcmp(call, "nanosleep")) {
    result = nanosleep(&two, NULL);
  } else {
    result = syscall(SYS_futex, &word, FUTEX_WAIT, 0, &two, NULL, 0);
  }
  puts(result < 0 ? errno == EINTR ? "EINTR" : "timeout" : "timeout");
}
C
gcc -O1 -o "$dir/wait" "$dir/wait.c"
echo "Linux $(uname -r), $mount"
changed=0
for pair in epoll_wait:EINTR recv:EINTR semtimedop:EINTR sigtimedwait:EINTR \
  poll:timeout select:timeout nanosleep:timeout futex:timeout; do
  call=${pair%:*}
  "$dir/wait" "$call" >"$dir/out" &
  echo $! >"$group/cgroup.procs"
  sleep 0.5
  echo 1 >"$group/cgroup.freeze"
  until grep -q '^frozen 1' "$group/cgroup.events"; do sleep 0.01; done
  sleep 0.3
  echo 0 >"$group/cgroup.freeze"
  wait $!
  printf '%-12s %s\n' "$call" "$(cat "$dir/out")"
  [[ $(cat "$dir/out") == "${pair#*:}" ]] || changed=1
done
if ((changed)); then echo "CHANGED: not the calls that are named above"; exit 1; fi
echo "as stated"
