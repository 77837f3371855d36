"""Writes to pages that are known, a round for each byte in its fifo: the target of criu.sh.

It has a child that does the same with other pages. Between two rounds both wait in read(2) and write
to nothing, so that whoever looks at them then sees the same. Where their memory lies stands in
places-NAME.txt of the folder that is named: its pid, and a line for each region: its first page and its pages.
"""

import mmap
import os
import sys

PAGE = mmap.PAGESIZE
folder = sys.argv[1]


def region(pages, flags, file=-1):
    return mmap.mmap(file, pages * PAGE, flags=flags)


def write(memory, pages, value):
    for page in pages:
        memory[page * PAGE] = value


def mapped(size, shared):
    """First page of the mapping of that size; each region has another size."""
    with open("/proc/self/maps") as maps:
        for line in maps:
            start, end = (int(text, 16) for text in line.split()[0].split("-"))
            if end - start == size * PAGE and (line.split()[1][3] == "s") == shared:
                return start // PAGE
    raise LookupError(size)


def tell(name, regions):
    with open(f"{folder}/places-{name}.txt", "w") as file:
        file.write(f"pid {os.getpid()}\n")
        for label, pages, shared in regions:
            file.write(f"{label} {mapped(pages, shared)} {pages}\n")


private = region(2048, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
shared = region(64, mmap.MAP_SHARED | mmap.MAP_ANONYMOUS)
data = os.open(f"{folder}/data.bin", os.O_RDWR | os.O_CREAT)
os.truncate(data, 48 * PAGE)
file_private = region(48, mmap.MAP_PRIVATE, data)
file_shared = region(40, mmap.MAP_SHARED, data)
for memory, pages in [(private, 2048), (shared, 64), (file_private, 48), (file_shared, 40)]:
    write(memory, range(pages), 1)

name, step = ("child", 5) if os.fork() == 0 else ("parent", 7)
fifo = os.open(f"{folder}/fifo-{name}", os.O_RDWR)
with open("/proc/self/comm", "w") as comm:
    comm.write(f"every{step}th")
regions = [("private", 2048, False), ("shared", 64, True), ("file-private", 48, False)]
regions.append(("file-shared", 40, True))

kept = []
for number in range(4):
    if number == 2:
        write(private, range(0, 2048, step), 2)
    if number == 3:
        write(private, range(0, 2048, step * 2), 3)
        write(shared, range(3), 3)
        write(file_private, range(0, 4), 3)
        write(file_shared, range(2), 3)
        kept.append(region(56, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS))
        write(kept[0], range(5), 3)
        regions.append(("new", 56, False))
    tell(name, regions)
    os.close(os.open(f"{folder}/done-{name}-{number}", os.O_CREAT))
    os.read(fifo, 1)
