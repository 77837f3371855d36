#!/usr/bin/env bash
# npm @bokuweb/zstd-wasm decompresses what a zstd stream wrote, as of `zstd < FILE`, more than 1 MiB of it.
#
# Expected: a frame need not say how long its content is (RFC 8878, 3.1.1.1), and frames of streams do
#           not; they are decompressed as others are.
# Seen:     decompress() takes 1 MiB for the length of such a frame: up to that it works, beyond it raises
#           "Failed to compress with code -70". With the option defaultHeapSize, set to the true length or
#           more, the same frame is decompressed, so that one must know what the frame does not state.
# Versions: @bokuweb/zstd-wasm 0.0.27, frames of zstd 1.5.4, Node 20.20
set -euo pipefail

cannot() { echo "cannot be tried: $1"; exit 2; }
for tool in node npm zstd; do command -v "$tool" >/dev/null || cannot "$tool is missing"; done
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm install --silent --no-audit --no-fund --ignore-scripts --prefix . @bokuweb/zstd-wasm@0.0.27 ||
  cannot "npm cannot install @bokuweb/zstd-wasm 0.0.27"
for bytes in 1048576 1048577; do
  head -c "$bytes" /dev/zero | tr '\0' 'x' >"raw.$bytes"
  zstd -q -c <"raw.$bytes" >"streamed.$bytes"
  zstd -q -c "raw.$bytes" >"stated.$bytes"
done
cat >try.mjs <<'JS'
import { readFileSync } from "node:fs";
import { decompress, init } from "@bokuweb/zstd-wasm";

await init();
const outcome = (kind, length, options) => {
  try {
    const found = decompress(readFileSync(`${kind}.${length}`), options);
    return readFileSync(`raw.${length}`).equals(found) ? "decompressed" : `wrong: ${found.length} bytes`;
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
};
const trials = [
  ["stated", 1048577, undefined, /^decompressed$/],
  ["streamed", 1048576, undefined, /^decompressed$/],
  ["streamed", 1048577, undefined, /^Error: .*-70$/],
  ["streamed", 1048577, { defaultHeapSize: 1048577 }, /^decompressed$/],
];
for (const [kind, length, options, expected] of trials) {
  const found = outcome(kind, length, options);
  const how = kind === "stated" ? kind : "not stated";
  console.log(`${length} bytes, length ${how}, ${JSON.stringify(options ?? {})}: ${found}`);
  if (!expected.test(found)) process.exitCode = 1;
}
JS
zstd --version | tr -d '*' | xargs
if node try.mjs; then echo "as stated"; else echo "CHANGED"; exit 1; fi
