// Drives a target with commands, and prints how much each of them makes it write.
//
//   softdirty run step_by_step.mjs -p PID -- 'redis-cli set a b' 'redis-cli flushall'

import { execSync } from "node:child_process";

export default async function (sd, steps) {
  let before;
  for (const step of steps) {
    sd.clear();
    await sd.act(() => execSync(step, { stdio: "ignore" }));
    const after = sd.read();
    const writable = sd.filter(after, "perms has w");
    console.log(`${step}: ${writable.dirtyPopulated.pageCount} pages`);
    if (before !== undefined) {
      const { mappings } = sd.diff(before, after);
      for (const { kind, start, end } of mappings) console.log(`  ${end - start} pages ${kind}`);
    }
    before = after;
  }
}
