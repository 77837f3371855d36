// Alerts when a process dirties memory faster than a bound, in MiB a second.
//
//   softdirty run alert_rate.mjs -p PID -- BOUND [COUNT]

export default async function (sd, [bound = "50", count = "100"]) {
  const limit = parseFloat(bound);
  if (!(limit >= 0)) throw new RangeError(`${bound} is no bound; give MiB a second, as in 50`);
  let [alerts, seen] = [0, 0];
  for await (const snapshot of sd.watch(sd.pid, { intervalMs: 100, count: Number(count) })) {
    seen++;
    const [rate] = sd.rate([snapshot]);
    if (rate === undefined) continue; // read before anything was cleared
    const mebibytes = rate.meanBytesPerSecond / 2 ** 20;
    if (mebibytes <= limit) continue;
    alerts++;
    const [hottest] = rate.mappings;
    console.log(
      `${snapshot.readAt.toISOString()} ${snapshot.process.command} dirties ` +
        `${mebibytes.toFixed(1)} MiB/s, most of it in ${hottest.name || "[anon]"}`,
    );
  }
  console.log(`${alerts} of ${seen} snapshots were above ${limit} MiB/s`);
}
