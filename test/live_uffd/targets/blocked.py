"""One thread that waits in the kernel in the way that each line asks for, and answers when it is over.

The words of the command line make it one of these: "no-new-privs"; "seccomp", which forbids
userfaultfd on pain of death; "mappings", with 500 more of them; "no-descriptors", which may open no
more; "no-threads", which may start none, as another user.

A line is JSON: {"wait": NAME, "seconds": NUMBER}. The calls are those of the C library, so that
nobody begins one again that came back too early: the answer has what it returned. Each signal is
counted when its handler runs in the kernel's sense: the C handler writes a byte for it.
"""

import ctypes
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
KILL_PROCESS, ALLOW = 0x8000_0000, 0x7FFF_0000
USERFAULTFD = {"x86_64": 323, "aarch64": 282}[os.uname().machine]


def forbid_userfaultfd():
    """Loads the number of the call, compares it, and returns one of two verdicts."""
    steps = [(0x20, 0, 0, 0), (0x15, 0, 1, USERFAULTFD), (6, 0, 0, KILL_PROCESS), (6, 0, 0, ALLOW)]
    program = ctypes.create_string_buffer(b"".join(struct.pack("<HBBI", *step) for step in steps))
    arguments = struct.pack("<HxxxxxxQ", len(steps), ctypes.addressof(program))
    assert libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.create_string_buffer(arguments)) == 0


if {"no-new-privs", "seccomp"} & {*sys.argv}:
    assert libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
if "seccomp" in sys.argv:
    forbid_userfaultfd()
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
