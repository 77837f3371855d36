#!/bin/sh
# Shows that uffd-wp works on arm64, and leaves what it tracks undisturbed.
set -eu
export NO_COLOR=1
uname -srm
deno run -A lib/cli/main.ts doctor

deno run -A test/live/computing_main.ts >/tmp/sums &
program=$!
trap 'kill $program' EXIT
sleep 5
deno run -A lib/cli/main.ts record -p $program -n 3 -o /tmp/arm64.sdtrace
deno run -A lib/cli/main.ts filter /tmp/arm64.sdtrace
echo 'All sums that the process has printed, and how often:'
sort /tmp/sums | uniq -c
kill $program
trap - EXIT

deno run -A node_modules/vitest/vitest.mjs run --config vitest.live.config.ts --reporter=verbose \
  test/live/arm64.test.ts
