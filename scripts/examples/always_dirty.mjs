// Prints the pages that a process writes to in each interval: the core of its working set.
//
//   softdirty run always_dirty.mjs -p PID -- COUNT

export default async function (sd, [count = "20"]) {
  let always, last;
  for await (const snapshot of sd.watch(sd.pid, { intervalMs: 100, count: Number(count) })) {
    if (snapshot.sinceClear === null) continue;
    always = always?.intersect(snapshot.dirtyPopulated) ?? snapshot.dirtyPopulated;
    last = snapshot;
  }
  for (const { start, pageCount } of always.runs()) {
    const mapping = last.vmas.find((vma) => vma.start <= start && start < vma.end);
    const address = (start * last.pageSizeBytes).toString(16);
    console.log(`${address} ${pageCount} ${mapping?.name || "[anon]"}`);
  }
  console.log(`${always.pageCount} pages were dirty in each of ${count} snapshots`);
}
