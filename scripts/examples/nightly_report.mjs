// A report for the log: how large is the working set tonight, and what is it made of?
//
//   0 3 * * *  softdirty run nightly_report.mjs -p PID -- 600 >> report.txt

export default async function (sd, [seconds = "600"]) {
  const snapshots = [];
  for await (const snapshot of sd.watch(sd.pid, { intervalMs: 1000, durationMs: seconds * 1000 })) {
    snapshots.push(snapshot);
  }
  console.log(`working set on ${snapshots[0].readAt.toISOString().slice(0, 10)}\n`);
  console.log(sd.wss(snapshots));
  console.log();
  console.log(sd.byMapping(snapshots));
}
