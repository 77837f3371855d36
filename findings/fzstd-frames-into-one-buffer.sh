#!/usr/bin/env bash
# npm fzstd decompresses a file of two zstd frames, as `zstd A B -c` writes it.
#
# Expected: decompress(file, buffer) fills the buffer with both; its documentation names files of several
#           frames as the reason to pass one.
# Seen:     without a buffer both come out. With one it raises "RangeError: offset is out of bounds": every
#           frame is written to the beginning of the buffer, and then it is copied once for each frame.
#           So files to which frames are appended (logs, traces) must be read without one.
# Versions: fzstd 0.1.1, frames of zstd 1.5.4, Node 20.20
set -euo pipefail

cannot() { echo "cannot be tried: $1"; exit 2; }
for tool in node npm zstd; do command -v "$tool" >/dev/null || cannot "$tool is missing"; done
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm install --silent --no-audit --no-fund --ignore-scripts --prefix . fzstd@0.1.1 ||
  cannot "npm cannot install fzstd 0.1.1"
seq 1 20000 >first
seq 20001 40000 >second
zstd -q -c first second >both.zst
cat >try.mjs <<'JS'
import { readFileSync } from "node:fs";
import { Decompress, decompress } from "fzstd";

const file = readFileSync("both.zst");
const raw = Buffer.concat([readFileSync("first"), readFileSync("second")]);
const streamed = () => {
  const pieces = [];
  new Decompress((piece) => pieces.push(Buffer.from(piece))).push(file, true);
  return Buffer.concat(pieces);
};
const trials = [
  ["decompress(file)", () => decompress(file), /^decompressed$/],
  ["new Decompress().push(file)", streamed, /^decompressed$/],
  ["decompress(file, buffer)", () => decompress(file, new Uint8Array(raw.length)), /^RangeError/],
];
for (const [name, run, expected] of trials) {
  let found;
  try {
    found = raw.equals(run()) ? "decompressed" : "wrong bytes";
  } catch (error) {
    found = `${error.name}: ${error.message}`;
  }
  console.log(`${name}: ${found}`);
  if (!expected.test(found)) process.exitCode = 1;
}
JS
zstd --version | tr -d '*' | xargs
if node try.mjs; then echo "as stated"; else echo "CHANGED"; exit 1; fi
