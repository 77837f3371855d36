// Compares two builds of a program that run side by side under the same load.
//
//   softdirty run compare_builds.mjs -- OLD_PID NEW_PID [COUNT]

export default async function (sd, [oldPid, newPid, count = "20"]) {
  const builds = { old: [], new: [] };
  for (const [build, pid] of [["old", oldPid], ["new", newPid]]) {
    sd.mark(`the ${build} build`);
    const options = { intervalMs: 100, count: Number(count) };
    for await (const snapshot of sd.watch(Number(pid), options)) builds[build].push(snapshot);
  }
  const comparisons = sd.compare(builds.old, builds.new);
  console.log(comparisons);
  if (comparisons.some(({ before, after }) => before === null || after === null)) {
    throw new RangeError("These are two programs, not two builds of one: their commands differ");
  }
  const grown = comparisons.filter(({ rate }) => rate.isCertain && rate.growth > 0.1);
  console.log(grown.length > 0 ? "the new build dirties memory faster" : "no build is worse");
}
