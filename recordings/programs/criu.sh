#!/bin/sh
# Dumps criu_target.py and its child with CRIU into the folder that is named: two pre-dumps and a
# dump, each told against the one before, without the content of the pages. Before the last two it
# copies maps and pagemap of the parent, as they are at that moment. To be run as root, in the VM,
# with the modules of its kernel (test/import/criu/images/README.md).
set -eu
here=$(realpath "$(dirname "$0")")
out=$1
target=$(mktemp -d)
mkdir -p "$out"
depmod -a
# CRIU 3.17 tries out network features before it does anything, and gives up without nf_tables.
for module in nf_tables tun veth unix_diag inet_diag tcp_diag udp_diag raw_diag netlink_diag \
  af_packet_diag; do
  modprobe $module
done

mkfifo "$target/fifo-parent" "$target/fifo-child"
cd /
setsid python3 -S -E "$here/criu_target.py" "$target" </dev/null >"$target/log" 2>&1 &
until [ -e "$target/done-parent-0" ] && [ -e "$target/done-child-0" ]; do sleep 0.2; done
parent=$(sed -n "s/^pid //p" "$target/places-parent.txt")
child=$(sed -n "s/^pid //p" "$target/places-child.txt")

# Lets both go on to the next round, and waits until they have done it.
step() {
  for name in parent child; do
    printf x >"$target/fifo-$name"
    until [ -e "$target/done-$name-$1" ]; do sleep 0.2; done
  done
  sleep 0.5
}

# The entries of all mappings, one after the other in the order of maps.
copy() {
  cat "/proc/$2/maps" >"$out/$1.maps"
  while read -r range _ _ _ _ name; do
    [ "$name" = "[vsyscall]" ] && continue
    start=$((0x${range%-*} / 4096)) end=$((0x${range#*-} / 4096))
    dd if="/proc/$2/pagemap" bs=8 skip=$start count=$((end - start)) 2>/dev/null
  done <"$out/$1.maps" >"$out/$1.pagemap"
}

criu_dump() {
  mkdir -p "$out/$2"
  log=$target/criu.log
  criu "$1" -t "$parent" -D "$out/$2" --track-mem ${3:+--prev-images-dir "../$3"} -v2 -o "$log" \
    ${4:-} || { cat "$log" >&2; exit 1; }
}

step 1
criu_dump pre-dump 1
step 2
copy 2 "$parent"
criu_dump pre-dump 2 1
step 3
copy 3 "$parent"
criu_dump dump 3 2 --leave-running
rm "$out"/*/pages-*.img
cp "$target"/places-*.txt "$out"
kill "$child" "$parent"
