"""Splits and merges its mappings, as fast as it can, in two threads.

From Linux 6.17 on, /proc/PID/maps can list one of them twice then, with other bounds. Prints a line when
it begins.
"""

import ctypes
import random
import threading

PAGE = 4096
COUNT = 3000
PROT_NONE, PROT_READ, PROT_WRITE = 0, 1, 2
MAP_PRIVATE, MAP_ANONYMOUS, MAP_NORESERVE = 0x2, 0x20, 0x4000

libc = ctypes.CDLL(None)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t] + [ctypes.c_int] * 3 + [ctypes.c_long]
libc.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]

area = libc.mmap(
    None, COUNT * 8 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0
)
for i in range(COUNT):
    libc.mprotect(area + i * 8 * PAGE, 4 * PAGE, PROT_READ | PROT_WRITE)


def churn():
    while True:
        at = area + random.randrange(COUNT) * 8 * PAGE
        for start, pages in (at + PAGE, 2), (at, 3):
            libc.mprotect(start, pages * PAGE, PROT_READ)
            libc.mprotect(start, pages * PAGE, PROT_READ | PROT_WRITE)


threading.Thread(target=churn, daemon=True).start()
print("started", flush=True)
churn()
