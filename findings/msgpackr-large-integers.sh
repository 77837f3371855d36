#!/usr/bin/env bash
# Addresses and page numbers as MessagePack, written by two npm packages and read by Python.
#
# Expected: an integer of JavaScript is written as an integer: MessagePack has uint64.
# Seen:     @msgpack/msgpack does so; msgpackr writes integers from 2^32 on as float64.
#           No digit is lost below 2^53, but a reader with types gets another one: in Python an address
#           of user space becomes a float, for which hex() and "%x" raise TypeError. Page numbers (up to
#           2^35) change their type at 16 TiB. BigInts are written as integers, always of nine bytes.
# Versions: msgpackr 2.1.3, @msgpack/msgpack 3.1.3, Python msgpack 1.1.1, Node 20.20
set -euo pipefail

cannot() { echo "cannot be tried: $1"; exit 2; }
for tool in node npm python3; do command -v "$tool" >/dev/null || cannot "$tool is missing"; done
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm install --silent --no-audit --no-fund --ignore-scripts --prefix . msgpackr@2.1.3 @msgpack/msgpack@3.1.3 ||
  cannot "npm cannot install msgpackr 2.1.3"
python3 -m pip install --quiet --disable-pip-version-check --root-user-action ignore --target py msgpack==1.1.1 ||
  cannot "pip cannot install msgpack 1.1.1"
cat >write.mjs <<'JS'
import { writeFileSync } from "node:fs";
import { encode } from "@msgpack/msgpack";
import { Packr } from "msgpackr";

const values = [2 ** 32 - 1, 2 ** 32, 0x7ffd_1234_5000];
writeFileSync("msgpackr", new Packr({ useRecords: false }).pack(values));
writeFileSync("msgpackr with BigInt", new Packr({ useRecords: false }).pack(values.map(BigInt)));
writeFileSync("@msgpack", encode(values));
JS
node write.mjs
cat >read.py <<'PY'
import sys
import msgpack

expected = {
    "@msgpack": ["int", "int", "int"],
    "msgpackr": ["int", "float", "float"],
    "msgpackr with BigInt": ["int", "int", "int"],
}
changed = False
for name, types in expected.items():
    with open(name, "rb") as file:
        values = msgpack.unpackb(file.read())
    found = [type(value).__name__ for value in values]
    try:
        shown = hex(values[-1])
    except TypeError as error:
        shown = f"TypeError: {error}"
    print(f"{name}: {values}; hex of the last: {shown}")
    changed |= found != types or values != [2**32 - 1, 2**32, 0x7FFD12345000]
sys.exit(changed)
PY
if PYTHONPATH=py python3 read.py; then echo "as stated"; else echo "CHANGED"; exit 1; fi
