"""Uses the bits by which writes are tracked, as each line asks for, and answers when it has.

The words of the command line: "main thread ends", and another one answers and writes.

A line is JSON: {"open": "pagemap", "clear_refs" or "userfaultfd"}, or {"register": true}, which
registers the memory that it writes to with the userfaultfd that it opened, and answers with the error.
"""

import ctypes
import fcntl
import json
import mmap
import os
import struct
import sys
import threading
import time

libc = ctypes.CDLL(None, use_errno=True)
IS_X64 = os.uname().machine == "x86_64"
USERFAULTFD, EXIT = (323, 60) if IS_X64 else (282, 93)
UFFDIO_API, UFFDIO_REGISTER = 0xC018AA3F, 0xC020AA00
USER_MODE_ONLY = 1
MODE_MISSING = 1

memory = mmap.mmap(-1, 64 * 4096, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
address = ctypes.addressof(ctypes.c_char.from_buffer(memory))
opened = {}


def write_on():
    while True:
        for page in range(64):
            memory[page * 4096] = (memory[page * 4096] + 1) % 256
        time.sleep(0.01)


def open_own(name):
    if name == "userfaultfd":
        descriptor = libc.syscall(USERFAULTFD, os.O_CLOEXEC | os.O_NONBLOCK | USER_MODE_ONLY)
        fcntl.ioctl(descriptor, UFFDIO_API, bytearray(struct.pack("QQQ", 0xAA, 0, 0)))
        return descriptor
    mode = os.O_WRONLY if name == "clear_refs" else os.O_RDONLY
    return os.open(f"/proc/self/{name}", mode)


def answer_on():
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        order = json.loads(line)
        answer = {}
        if "open" in order:
            opened[order["open"]] = open_own(order["open"])
        if "register" in order:
            request = bytearray(struct.pack("QQQQ", address, 64 * 4096, MODE_MISSING, 0))
            try:
                fcntl.ioctl(opened["userfaultfd"], UFFDIO_REGISTER, request)
            except OSError as error:
                answer["error"] = error.strerror
        print(json.dumps(answer), flush=True)
    os._exit(0)


threading.Thread(target=write_on, daemon=True).start()
if "main thread ends" in sys.argv:
    threading.Thread(target=answer_on, daemon=True).start()
    libc.syscall(EXIT, 0)
answer_on()
