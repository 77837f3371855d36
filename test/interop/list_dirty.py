"""Reads a trace as lib/trace/FORMAT.md specifies it, with nothing but msgpack and zstandard.

Prints a line of JSON for each snapshot: [[first page, page count], ...] of its dirty pages, or with
--all a map of all that versions 2 and 3 have of it. Says on stderr what was passed over.
"""

import io
import itertools
import json
import struct
import sys

import msgpack
import zstandard

HEADER, PROCESS, MAPPINGS, CLEAR, READ, MARK, EXIT, FOUND, FORK, EXEC, INDEX, END = range(12)
UNTRACKED, WARNING = 12, 13
EVENTS = (CLEAR, READ, MARK, EXIT, FOUND, FORK, EXEC, UNTRACKED, WARNING)
FLAGS = (
    "dirty present swapped fileOrShared exclusive uffdWriteProtected guard hugetlb huge newMapping"
    " unwatched foreign keptHuge device pinned mergeable split"
).split()


def crc_of_byte(crc):
    for _ in range(8):
        crc = (crc >> 1) ^ (0x82F63B78 if crc & 1 else 0)
    return crc


CRC_TABLE = [crc_of_byte(byte) for byte in range(256)]


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = (crc >> 8) ^ CRC_TABLE[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


def varint(data, at):
    """The varint at a place, and where it ends."""
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, at


def varints(data, at=0):
    while at < len(data):
        value, at = varint(data, at)
        yield value


def rice_codes(data):
    """A function that returns the next number, given the parameter k of its code."""
    bits, at = "".join(f"{byte:08b}" for byte in data), 0

    def next_number(k):
        nonlocal at
        ones = 0
        while ones < 24 and bits[at + ones] == "1":
            ones += 1
        at, count = (at + 24, 53) if ones == 24 else (at + ones + 1, k)
        low = int("0" + bits[at : at + count], 2)
        at += count
        return low if ones == 24 else ones << k | low

    return next_number


def page_set(data):
    """The pages where its runs begin and end: the difference of two page sets is that of these."""
    if not data:
        return frozenset()
    form, k, k_length, steps = data[0], *data[1:3], []
    if form == 0:
        steps = varints(data, 1)
    elif form <= 3:
        first, at = varint(data, 3)
        run_count, at = varint(data, at)
        count, at = varint(data, at) if form < 3 else (0, at)
        last_length, at = varint(data, at) if form == 2 else (0, at)
        code = rice_codes(data[at:])
        steps = [first]
        if form == 1:
            steps += [1] + [step for _ in range(count - 1) for step in (code(k), 1)]
        elif form == 2:
            steps += [step for _ in range(count) for step in (code(k), 1)] + [last_length]
        else:
            steps += [code(k if i % 2 else k_length) + 1 for i in range(2 * run_count - 1)]
    else:
        raise ValueError(f"page set of unknown form {form}")
    edges = set()
    for edge in itertools.accumulate(steps):
        edges ^= {edge}
    assert form == 0 or len(edges) == 2 * run_count, "the number of runs is wrong"
    return frozenset(edges)


def runs(edges):
    ends = sorted(edges)
    return [[start, end - start] for start, end in zip(ends[::2], ends[1::2])]


def reported_pages(header, flags):
    """The pages of each flag as runs, and the dirty ones among those whose writes are seen."""
    unseen = (10, 13, 7, 14) if header["tracker"] == "soft-dirty" else (10, 13)
    dirty, hidden = flags.get(0, frozenset()), [flags.get(flag, frozenset()) for flag in unseen]
    seen, parities = set(), [False] * (1 + len(hidden))
    for edge in sorted(dirty.union(*hidden)):
        was_in = parities[0] and not any(parities[1:])
        parities = [now ^ (edge in edges) for now, edges in zip(parities, (dirty, *hidden))]
        if was_in != (parities[0] and not any(parities[1:])):
            seen.add(edge)
    pages = {FLAGS[flag]: runs(edges) for flag, edges in sorted(flags.items()) if edges}
    return {"dirty": runs(seen), "pages": pages}


def record_at(data, at):
    """Type, value and end of the record at a place, or None if there is no right one."""
    size_bytes = {0xC4: 1, 0xC5: 2, 0xC6: 4}.get(data[at])
    if size_bytes is None:
        return None
    start = at + 1 + size_bytes
    end = start + int.from_bytes(data[at + 1 : start], "big")
    if end > len(data) or end - start < 5:
        return None
    if crc32c(data[start + 4 : end]) != int.from_bytes(data[start : start + 4], "big"):
        return None
    type_, body = data[start + 4] & 0x7F, data[start + 5 : end]
    if data[start + 4] & 0x80:
        length, at = varint(body, 0)
        body = zstandard.ZstdDecompressor().decompress(body[at:], max_output_size=length)
        assert len(body) == length
    return type_, struct.unpack(">d", body)[0] if type_ == END else msgpack.unpackb(body), end


def walk(data):
    """All right records: where they begin, types and values."""
    found, at, lost = [], 0, False
    while at < len(data):
        record = record_at(data, at)
        if (record is None and not lost) or (record and record[0] > WARNING):
            what = "damage" if record is None else f"a record of type {record[0]}"
            print(f"passed over {what} at {at}", file=sys.stderr)
        lost = record is None
        if record:
            found.append((at, *record[:2]))
        at = record[2] if record else at + 1
    return found


def index_of(data):
    """From the index: (offset, type, time, owner) of events, processes, places of mappings."""
    end = record_at(data, len(data) - 15) if len(data) > 15 else None
    record = record_at(data, int(end[1])) if end and end[0] == END else None
    if record is None or record[0] != INDEX:
        return None
    index = record[1]
    offsets = itertools.accumulate(varints(index["offsets"]))
    times = (time for (time,) in struct.iter_unpack(">d", index["times"]))
    owners = (owner - 1 if owner else None for owner in varints(index["owners"]))
    events = list(zip(offsets, index["types"], times, owners, strict=True))
    pairs = [int(number) for number in index["mappings"]]
    processes = {process[0]: process[1:4] for process in index["processes"]}
    return events, processes, dict(zip(pairs[::2], pairs[1::2]))


def mapping_list(base, steps):
    rows, names, at = [], [], 0
    for step in steps:
        if isinstance(step, list):
            names.append(names[-step[6]] if isinstance(step[6], int) else step[6])
            rows.append([*step[:6], names[-1]])
            continue
        if step > 0:
            rows.extend(base[at : at + step])
        at += abs(step)
    return rows


def snapshots(header, events, processes, mappings):
    """What each read reports, with its bases applied; what refers to a lost record is lost too."""
    clears, reads = {}, {}
    for type_, event in events:
        if type_ == CLEAR and event[0] in processes and event[6] in mappings:
            clears[event[2]] = event[1]
        if type_ != READ:
            continue
        process, at, number, duration, stopped, how, clear, rows, back, pages = event[:10]
        flags = {}
        if back is not None:
            base = reads.get((process, number - back))
            if base is None:
                continue
            how = base[0] if how is None else how
            rows = base[1] if rows is None else rows
            flags = dict(base[2])
        for flag, data in zip(pages[::2], pages[1::2]):
            before = flags.get(flag >> 1, frozenset()) if flag & 1 else frozenset()
            flags[flag >> 1] = page_set(data) ^ before
        reads[process, number] = how, rows, flags
        if process not in processes or rows not in mappings or clear not in {None, *clears}:
            continue
        yield {
            "process": processes[process],
            "times": [at, duration, stopped],
            "clearAtNs": clears.get(clear),
            "readBy": ("pagemap", "pagemap-scan")[how & 3],
            "reported": [name for flag, name in enumerate(FLAGS) if how >> 2 & 1 << flag],
            "mappings": mappings[rows],
            **reported_pages(header, flags),
        }


def version_2(data):
    found = walk(data)
    assert found and found[0][1] == HEADER, "the header is lost"
    assert found[0][2]["format"] == "softdirty-trace" and found[0][2]["version"] in (2, 3)
    values = {at: value for at, _, value in found}
    events = [(at, type_, value[1], value[0]) for at, type_, value in found if type_ in EVENTS]
    processes = {value[0]: value[1:4] for _, type_, value in found if type_ == PROCESS}
    places = {value[0]: at for at, type_, value in found if type_ == MAPPINGS}
    index = index_of(data)
    if index is not None:
        # What is damaged is in the index all the same; what is right has to be the same in both.
        walked, (events, own_processes, own_places) = events, index
        assert walked == [event for event in events if event[0] in values], "events differ"
        assert processes.items() <= own_processes.items(), "processes differ"
        assert places.items() <= own_places.items(), "places of mappings differ"
        processes, places = own_processes, own_places
    mappings = {None: []}
    for number, at in places.items():
        _, base, steps = values.get(at, (None, -1, None))[:3]
        if base in mappings:
            mappings[number] = mapping_list(mappings[base], steps)
    events = [(type_, values[at]) for at, type_, *_ in events if at in values]
    return snapshots(found[0][2], events, processes, mappings)


def version_1(data):
    events = list(msgpack.Unpacker(io.BytesIO(data), raw=False))[1::2]
    assert events[0]["type"] == "header" and events[0]["version"] == 1
    for event in events:
        if event["type"] == "read":  # sets of form 0, without the byte that says so
            flags = {FLAGS.index(k): page_set(b"\0" + v) for k, v in event["pages"].items()}
            yield reported_pages(events[0], flags)


with open(0 if sys.argv[-1] == "-" else sys.argv[-1], "rb") as file:
    content = file.read()
for snapshot in (version_1 if content[0] == 0xCE else version_2)(content):
    chosen = snapshot if "--all" in sys.argv else snapshot["dirty"]
    print(json.dumps(chosen, separators=(",", ":")))
