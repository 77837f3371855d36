#!/bin/sh
# Records python3 with a growing heap into the file that is named.
set -eu
python3 recordings/programs/growing_heap.py &
program=$!
trap 'kill $program' EXIT
sleep 2
node dist/lib/bundle/main.js record -p $program -i 200ms -n 30 -o "$1"
