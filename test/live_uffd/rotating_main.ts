/**
 * Records a process into files that are rotated, and acknowledges each snapshot with a line once it is
 * recorded, until it is killed.
 *
 * Arguments: the pid, the recording, and after how many bytes to begin a new file.
 *
 * @module
 */

import { writeSync } from "node:fs";
import process from "node:process";
import { openLive } from "../../lib/session/live.ts";

const [pid, output, rotateBytes] = process.argv.slice(2);
const sd = openLive({
  ...{ pid: Number(pid), output, rotateBytes: Number(rotateBytes), tracker: "uffd-wp" },
});
sd.clear();
for (;;) {
  const { atNs, dirty } = sd.take();
  writeSync(1, `${JSON.stringify([atNs, dirty])}\n`);
  await sd.wait(0);
}
