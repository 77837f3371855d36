"""Holds known values in every register that a program can use, and looks at them all the time.

The first thread spins in machine code: general registers, vectors (AVX-512, AVX), masks, x87, and
the 128 bytes below the stack pointer. Another thread waits for a line, and then ends it. Prints how
many rounds there were, and the number of the first comparison that failed, or 0.
"""

import ctypes
import json
import mmap
import struct
import sys
import threading

FLAGS = next(line for line in open("/proc/cpuinfo") if line.startswith("flags")).split()
VECTORS = "avx512" if "avx512f" in FLAGS else "avx" if "avx" in FLAGS else "none"
VECTOR_BYTES = 64
GENERAL = [3, 5, 8, 9, 10, 11, 12, 13, 14, 15]  # all but rax, rcx, and those that hold parameters
RED_ZONE = [-8 * i for i in range(2, 17)]


def word(value):
    return struct.pack("<i", value)


def load(i):  # vmovups vector, [rdi + i * 64]
    low = ~i >> 3 & 1
    modrm = bytes([0x80 | (i & 7) << 3 | 7]) + word(VECTOR_BYTES * i)
    if VECTORS == "avx":
        return bytes([0xC4, low << 7 | 0x61, 0x7C, 0x10]) + modrm
    return bytes([0x62, low << 7 | 0x60 | (~i >> 4 & 1) << 4 | 1, 0x7C, 0x48, 0x10]) + modrm


def compare(i):  # vector i with [rdi + i * 64]; the last vector is overwritten
    at = word(VECTOR_BYTES * i)
    if VECTORS == "avx":  # vxorps; vptest
        return bytes([0xC4, 0x61, (~i & 15) << 3 | 4, 0x57, 0xBF]) + at + b"\xc4\x42\x7d\x17\xff"
    # vpxorq; vptestmq; kortestw
    xor = bytes([0x62, 0x61, 0x85 | (~i & 15) << 3, 0x40 | (~i >> 4 & 1) << 3, 0xEF, 0xBF]) + at
    return xor + b"\x62\x92\x85\x40\x27\xc7" + b"\xc5\xf8\x98\xc0"


def code():
    vectors = range({"avx512": 31, "avx": 15, "none": 0}[VECTORS])
    masks = range(1, 8) if VECTORS == "avx512" else []
    head, body = bytearray(b"\x53\x55\x41\x54\x41\x55\x41\x56\x41\x57"), bytearray()
    exits = []

    def check(comparison):
        body.extend(comparison + b"\xb8" + word(len(exits) + 1) + b"\x0f\x85")  # mov eax; jne
        exits.append(len(body))
        body.extend(word(0))

    for i in vectors:
        head += load(i)
        check(compare(i))
    for i in masks:
        head += b"\xb8" + word(0x1111 * i) + bytes([0xC5, 0xF8, 0x92, 0xC0 | i << 3])
        check(bytes([0xC5, 0xF8, 0x93, 0xC0 | i]) + b"\x3d" + word(0x1111 * i))
    for i in GENERAL:
        rex, value = 0x48 | i >> 3, word(0x1234567 * (i + 1))
        head += bytes([rex, 0xC7, 0xC0 | i & 7]) + value
        check(bytes([rex, 0x81, 0xF8 | i & 7]) + value)
    for at in RED_ZONE:
        value = word(0x7654321 - at)
        head += b"\x48\xc7\x84\x24" + word(at) + value
        check(b"\x48\x81\xbc\x24" + word(at) + value)
    # fninit; fldpi; its value into rcx; fldl2e. Then: swap, store, swap, compare
    head += b"\xdb\xe3\xd9\xeb\xdd\x94\x24" + word(-8) + b"\x48\x8b\x8c\x24" + word(-8) + b"\xd9\xea"
    swapped = b"\xd9\xc9\xdd\x94\x24" + word(-8) + b"\xd9\xc9\x48\x8b\x84\x24" + word(-8)
    check(swapped + b"\x48\x39\xc8")
    body += b"\x48\xff\x02\x83\x3e\x00\x0f\x84"  # inc [rdx]; cmp [rsi], 0; je
    body += word(-len(body) - 4) + b"\x31\xc0"
    for at in exits:
        body[at : at + 4] = word(len(body) - at - 4)
    tail = b"\xdb\xe3" + (b"" if VECTORS == "none" else b"\xc5\xf8\x77")
    return bytes(head + body) + tail + b"\x41\x5f\x41\x5e\x41\x5d\x41\x5c\x5d\x5b\xc3"


machine_code = code()
memory = mmap.mmap(-1, 1 << 14, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
memory.write(machine_code)
address = ctypes.addressof(ctypes.c_char.from_buffer(memory))
pattern = ctypes.create_string_buffer(bytes((i * 37 + 11) & 0xFF for i in range(64 * VECTOR_BYTES)))
stop = ctypes.c_uint32(0)
rounds = ctypes.c_uint64(0)


def wait_for_the_end():
    sys.stdin.readline()
    stop.value = 1


threading.Thread(target=wait_for_the_end, daemon=True).start()
print(json.dumps({"vectors": VECTORS}), flush=True)
spin = ctypes.CFUNCTYPE(ctypes.c_int, *[ctypes.c_void_p] * 3)(address)
failed = spin(ctypes.addressof(pattern), ctypes.addressof(stop), ctypes.addressof(rounds))
print(json.dumps({"failed": failed, "rounds": rounds.value}), flush=True)
