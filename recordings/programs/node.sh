#!/bin/sh
# Records a node server that answers requests into the file that is named.
set -eu
node recordings/programs/server.mjs serve &
server=$!
trap 'kill $server $client' EXIT
sleep 3
node recordings/programs/server.mjs ask &
client=$!
node dist/lib/bundle/main.js record -p $server -i 200ms -n 24 -o "$1"
