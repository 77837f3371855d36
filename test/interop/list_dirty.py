"""Lists the dirty pages of a trace as lib/trace/FORMAT.md specifies it, with nothing but msgpack.

Prints a line of JSON for each snapshot: [[first page, page count], ...].
"""

import json
import sys

import msgpack


def runs(data):
    """The runs of a page set: gaps and lengths as LEB128 varints."""
    numbers, value, shift = [], 0, 0
    for byte in data:
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            numbers.append(value)
            value, shift = 0, 0
    page, found = 0, []
    for gap, length in zip(numbers[::2], numbers[1::2]):
        found.append([page + gap, length])
        page += gap + length
    return found


with open(sys.argv[1], "rb") as file:
    values = list(msgpack.Unpacker(file, raw=False))
lengths, events = values[::2], values[1::2]
assert all(isinstance(length, int) for length in lengths)
assert events[0]["type"] == "header" and events[0]["version"] in (1, 2)
for event in events:
    if event["type"] == "read":
        print(json.dumps(runs(event["pages"].get("dirty", b"")), separators=(",", ":")))
