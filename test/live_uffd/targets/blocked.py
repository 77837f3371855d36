"""One thread that waits in the kernel in the way that each line asks for, and answers when it is over.

A line is JSON: {"wait": NAME, "seconds": NUMBER}. The calls are those of the C library, so that
nobody begins one again that came back too early: the answer has what it returned. Each signal is
counted when its handler runs in the kernel's sense: the C handler writes a byte for it.
"""

import ctypes
import fcntl
import json
import math
import os
import signal
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
