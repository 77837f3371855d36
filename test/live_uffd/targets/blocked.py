"""One thread that waits in the kernel in the way that each line asks for, and answers when it is over.

The words of the command line make it one of these: "no-new-privs"; "forbids CALL", which gets EPERM
for that call; "dies for CALL"; "allow-list", which dies for all but what it needs; "mappings", with
500 more of them; "no-descriptors", which may open no more; "no-threads", which may start none, as
another user.

A line is JSON: {"wait": NAME, "seconds": NUMBER}. The calls are those of the C library, so that
no layer begins one again that came back too early: the answer has what it returned. Each signal is
counted when its handler runs in the kernel's sense: the C handler writes a byte for it.
"""

import ctypes
import errno
import fcntl
import json
import math
import mmap
import os
import resource
import signal
import struct
import sys
import time

F_SETPIPE_SZ = 1031
libc = ctypes.CDLL(None, use_errno=True)

signals_in, signals_out = os.pipe()
for end in signals_in, signals_out:
    os.set_blocking(end, False)
fcntl.fcntl(signals_out, F_SETPIPE_SZ, 1 << 20)
signal.set_wakeup_fd(signals_out)
for number in [signal.SIGUSR1, signal.SIGURG, *range(signal.SIGRTMIN, signal.SIGRTMAX + 1)]:
    signal.signal(number, lambda *_: None)
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR2, signal.SIGWINCH])

PR_SET_SECCOMP = 22
PR_SET_NO_NEW_PRIVS = 38
SECCOMP_MODE_FILTER = 2
KILL_PROCESS, ERRNO, ALLOW = 0x8000_0000, 0x0005_0000, 0x7FFF_0000
VERDICTS = {"dies for ": KILL_PROCESS, "forbids ": ERRNO | errno.EPERM}
IS_X64 = os.uname().machine == "x86_64"
AUDIT_ARCH = 0xC000_003E if IS_X64 else 0xC000_00B7
# The numbers of calls on x86-64, and on arm64, where some do not exist.
CALLS = {
    name: numbers[0 if IS_X64 else 1]
    for name, *numbers in [
        *[("read", 0, 63), ("write", 1, 64), ("close", 3, 57), ("poll", 7, None), ("lseek", 8, 62)],
        *[("fstat", 5, 80), ("mmap", 9, 222), ("mprotect", 10, 226), ("munmap", 11, 215)],
        *[("brk", 12, 214), ("rt_sigaction", 13, 134), ("rt_sigprocmask", 14, 135)],
        *[("rt_sigreturn", 15, 139), ("ioctl", 16, 29), ("mremap", 25, 216), ("madvise", 28, 233)],
        *[("nanosleep", 35, 101), ("getpid", 39, 172), ("clone", 56, 220), ("exit", 60, 93)],
        *[("futex", 202, 98), ("restart_syscall", 219, 128), ("clock_nanosleep", 230, 115)],
        *[("exit_group", 231, 94), ("ppoll", 271, 73), ("getrandom", 318, 278)],
        ("userfaultfd", 323, 282),
    ]
}


def install_filter(verdicts, otherwise):
    """Compares the number of each call with those that have a verdict of their own."""
    steps = [(0x20, 0, 0, 4), (0x15, 1, 0, AUDIT_ARCH), (6, 0, 0, KILL_PROCESS), (0x20, 0, 0, 0)]
    for name, verdict in verdicts.items():
        if CALLS[name] is not None:
            steps += [(0x15, 0, 1, CALLS[name]), (6, 0, 0, verdict)]
    steps += [(6, 0, 0, otherwise)]
    program = ctypes.create_string_buffer(b"".join(struct.pack("<HBBI", *step) for step in steps))
    arguments = struct.pack("<HxxxxxxQ", len(steps), ctypes.addressof(program))
    assert libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
    assert libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.create_string_buffer(arguments)) == 0


if "no-new-privs" in sys.argv:
    assert libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
more = []
if "mappings" in sys.argv:
    # Neighbours that differ in their rights are not merged.
    more = [mmap.mmap(-1, 4096, flags=mmap.MAP_PRIVATE, prot=1 + 2 * (i % 2)) for i in range(500)]

counted = 0
never_in, never_out = os.pipe()
epoll = libc.epoll_create1(os.O_CLOEXEC)


def count_signals():
    global counted
    try:
        while chunk := os.read(signals_in, 1 << 16):
            counted += len(chunk)
    except BlockingIOError:
        return counted


def chaos():
    x, total = 0.123456789, 0.0
    for i in range(2000):
        x = 3.99999 * x * (1 - x)
        total += math.sqrt(x) * math.sin(i * x)
    return total


def timespec(seconds):
    return (ctypes.c_long * 2)(int(seconds), int(seconds % 1 * 1e9))


def wait_in(name, seconds):
    milliseconds = int(seconds * 1000)
    if name == "nanosleep":
        return libc.nanosleep(timespec(seconds), None)
    if name == "poll":
        entry = (ctypes.c_int * 2)(never_in, 1)
        return libc.poll(entry, 1, milliseconds)
    if name == "select":
        descriptors = (ctypes.c_ulong * 16)()
        descriptors[never_in // 64] |= 1 << never_in % 64
        timeval = (ctypes.c_long * 2)(int(seconds), int(seconds % 1 * 1e6))
        return libc.select(never_in + 1, descriptors, None, None, timeval)
    if name == "ppoll":  # with all signals blocked while it waits
        mask = (ctypes.c_ulong * 16)(*[0xFFFF_FFFF_FFFF_FFFF] * 16)
        entry = (ctypes.c_int * 2)(never_in, 1)
        return libc.ppoll(entry, 1, timespec(seconds), mask)
    if name == "epoll":
        return libc.epoll_wait(epoll, (ctypes.c_char * 64)(), 1, milliseconds)
    if name == "epoll of Python":
        import select

        with select.epoll() as own:
            return len(own.poll(seconds))
    if name == "sleep of Python":
        time.sleep(seconds)
        return 0
    if name == "spin":
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            assert chaos() == expected
        return 0
    return 0


if "no-descriptors" in sys.argv:
    resource.setrlimit(resource.RLIMIT_NOFILE, (os.dup(0), 4096))
if "no-threads" in sys.argv:
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
    os.setgroups([])
    os.setresgid(65534, 65534, 65534)
    os.setresuid(65534, 65534, 65534)

if "allow-list" in sys.argv:
    install_filter({name: ALLOW for name in CALLS if name != "userfaultfd"}, KILL_PROCESS)
for word in sys.argv:
    for prefix, verdict in VERDICTS.items():
        if word.startswith(prefix):
            install_filter({word.removeprefix(prefix): verdict}, ALLOW)

expected = chaos()
print(json.dumps({"ready": True}), flush=True)
buffer = b""
while True:
    while b"\n" not in buffer:
        chunk = os.read(0, 1 << 16)  # Python begins it again after a signal's handler, and only then
        if chunk == b"":
            sys.exit()
        buffer += chunk
    line, buffer = buffer.split(b"\n", 1)
    order = json.loads(line)
    started = time.monotonic()
    ctypes.set_errno(0)
    returned = wait_in(order.get("wait", ""), order.get("seconds", 0))
    answer = {
        "returned": returned,
        "errno": ctypes.get_errno(),
        "seconds": time.monotonic() - started,
        "signals": count_signals(),
        "isRight": chaos() == expected,
        "echo": order.get("echo"),
    }
    print(json.dumps(answer), flush=True)
