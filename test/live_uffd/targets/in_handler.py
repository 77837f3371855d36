"""Stands in a signal handler whose stack is a part of the stack that it interrupted, as that of a
program whose first function has it as an array. Below it lies what else that function has.

Answers each line from within the handler, with whether that is as it was.
"""

import ctypes
import json
import sys

SIGUSR1 = 10
SA_ONSTACK_AND_SIGINFO = 0x0800_0000 | 4
STACK_BYTES = 128 << 10
DISTANCE_BYTES = 512 << 10
BELOW_BYTES = 128 << 10

libc = ctypes.CDLL(None, use_errno=True)
Handler = ctypes.CFUNCTYPE(None, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)


class StackT(ctypes.Structure):
    _fields_ = [("sp", ctypes.c_void_p), ("flags", ctypes.c_int), ("size", ctypes.c_size_t)]


class SigAction(ctypes.Structure):
    """As the C library has it."""

    _fields_ = [
        ("handler", Handler),
        ("mask", ctypes.c_ulong * 16),
        ("flags", ctypes.c_int),
        ("restorer", ctypes.c_void_p),
    ]


def stack_mapping():
    line = next(line for line in open("/proc/self/maps") if line.endswith("[stack]\n"))
    start, end = (int(part, 16) for part in line.split()[0].split("-"))
    return start, end


@Handler
def handle(*_):
    while line := sys.stdin.readline():
        isWhole = ctypes.string_at(below, BELOW_BYTES) == pattern
        print(json.dumps({"line": json.loads(line), "isWhole": isWhole}), flush=True)


# The last parts of a larger stack, as if this function had them as arrays.
end = stack_mapping()[1]
alternate = end - DISTANCE_BYTES - STACK_BYTES
below = alternate - BELOW_BYTES
pattern = bytes(i * 7 % 251 for i in range(BELOW_BYTES))
for page in range(end - (256 << 10), below - 1, -4096):
    ctypes.memset(page, 0, 1)  # the stack grows page by page
ctypes.memmove(below, pattern, BELOW_BYTES)

assert libc.sigaltstack(ctypes.byref(StackT(alternate, 0, STACK_BYTES)), None) == 0
action = SigAction(handle, (ctypes.c_ulong * 16)(), SA_ONSTACK_AND_SIGINFO, None)
assert libc.sigaction(SIGUSR1, ctypes.byref(action), None) == 0
print(json.dumps({"ready": True}), flush=True)
getattr(libc, "raise")(SIGUSR1)
