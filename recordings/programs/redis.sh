#!/bin/sh
# Records redis-server under redis-benchmark into the file that is named.
set -eu
redis-server --port 6379 --save "" --appendonly no >/dev/null &
server=$!
trap 'kill $server' EXIT
until redis-cli ping >/dev/null 2>&1; do sleep 0.2; done
redis-benchmark -q -t set,lpush -n 1000000 -r 20000 -d 200 >/dev/null &
load=$!
node dist/lib/bundle/main.js record -p $server -i 200ms -n 24 -o "$1"
kill $load
