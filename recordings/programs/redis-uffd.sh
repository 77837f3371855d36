#!/bin/sh
# Records redis-server under redis-benchmark, with uffd-wp, into the file that is named.
set -eu
folder=$(mktemp -d)
socket=$folder/redis.sock
redis-server --port 0 --unixsocket "$socket" --save "" --appendonly no --dir "$folder" >/dev/null &
server=$!
trap 'kill $server; rm -rf "$folder"' EXIT
until redis-cli -s "$socket" ping >/dev/null 2>&1; do sleep 0.2; done
redis-benchmark -s "$socket" -q -t set,lpush -n 10000000 -r 5000 -d 200 >/dev/null &
load=$!
sleep 1
node dist/lib/bundle/main.js record -p $server --tracker uffd-wp -i 200ms -n 24 -o "$1"
kill $load
