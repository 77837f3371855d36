"""Maps far more than it uses, and does what each line says: {"write": [PAGE...], "read": [PAGE...],
"drop": [[PAGE, COUNT]...]}, of the pages of its mapping.

The word of the command line is "private", "file" (a private mapping of a file) or "shared".
"""

import ctypes
import json
import mmap
import sys
import tempfile

PAGE = mmap.PAGESIZE
PAGES = 1 << 21
MAP_NORESERVE = 0x4000
MADV_DONTNEED = 4
libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long]
libc.madvise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]

flags, descriptor = {
    "private": (mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, -1),
    "file": (mmap.MAP_PRIVATE, 0),
    "shared": (mmap.MAP_SHARED | mmap.MAP_ANONYMOUS, -1),
}[sys.argv[1]]
if descriptor == 0:
    file = tempfile.TemporaryFile()
    file.truncate(PAGES * PAGE)
    descriptor = file.fileno()
address = libc.mmap(None, PAGES * PAGE, 3, flags | MAP_NORESERVE, descriptor, 0)
count = 0
print(json.dumps({"first": address // PAGE}), flush=True)
for line in sys.stdin:
    order = json.loads(line)
    for page in order.get("read", []):
        ctypes.string_at(address + page * PAGE, 1)
    for page in order.get("write", []):
        count += 1
        ctypes.memmove(address + page * PAGE, str(count).encode(), len(str(count)))
    for page, number in order.get("drop", []):
        assert libc.madvise(address + page * PAGE, number * PAGE, MADV_DONTNEED) == 0
    print("{}", flush=True)
