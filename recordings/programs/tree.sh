#!/bin/sh
# Records a shell with short-lived children, which becomes perl in the end, into the file that is named.
set -eu
grow='for my $i (1 .. $ARGV[0]) { push @kept, "kept" x 5000; select undef, undef, undef, 0.02 }'
node dist/lib/bundle/main.js record --children --tracker uffd-wp -i 200ms -n 8 -o "$1" -- sh -c '
  cd /
  perl -e "$0" 10 &
  sleep 0.3 &
  perl -e "$0" 30
  sleep 0.3 &
  (sleep 0.1; perl -e "$0" 15; true) &
  exec perl -e "$0" 1000' "$grow"
