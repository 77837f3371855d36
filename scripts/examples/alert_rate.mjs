// Alerts when a process dirties memory faster than a bound, in MB a second.
//
//   softdirty run alert_rate.mjs -p PID -- BOUND [COUNT]

export default async function (sd, [bound = "50", count = "100"]) {
  const limit = parseFloat(bound);
  let alerts = 0;
  for await (const snapshot of sd.watch(sd.pid, { intervalMs: 100, count: Number(count) })) {
    const [rate] = sd.rate([snapshot]);
    if (rate === undefined) continue; // read before anything was cleared
    const megabytes = rate.meanBytesPerSecond / 2 ** 20;
    if (megabytes <= limit) continue;
    alerts++;
    const [hottest] = rate.mappings;
    console.log(
      `${snapshot.readAt.toISOString()} ${snapshot.process.command} dirties ` +
        `${megabytes.toFixed(1)} MB/s, most of it in ${hottest.name || "[anon]"}`,
    );
  }
  console.log(`${alerts} of ${count} snapshots were above ${limit} MB/s`);
}
