/** What processes run, as traces have it. */

import { expect, test } from "vitest";
import { processText } from "../../lib/report/snapshot_text.ts";
import { seconds } from "../helpers/drawn_snapshot.ts";
import { readerOf, traceBytes } from "../helpers/memory_trace.ts";

test("a trace has the program of a process, with its index and without, and a change of it", () => {
  const [one, two, three] = seconds("0 rw-p - D", "0 rw-p - DD", "0 rw-p - D");
  const named = [
    one,
    ...[two, three].map((snapshot) => {
      const process = { ...snapshot.process, program: "drawn-with-a-long-name" };
      return Object.assign(Object.create(Object.getPrototypeOf(snapshot)), snapshot, {
        process,
        sinceClear: { ...snapshot.sinceClear!, process },
      });
    }),
  ];
  const written = (isFinished: boolean) =>
    traceBytes((writer) => {
      for (const snapshot of named) writer.read(snapshot);
      if (isFinished) writer.finish();
    });
  const programs = (trace: ReturnType<typeof readerOf>) =>
    [...trace.snapshots].map(({ process }) => process.program);
  const expected = [undefined, "drawn-with-a-long-name", "drawn-with-a-long-name"];
  for (const isFinished of [true, false]) {
    expect(programs(readerOf(written(isFinished)))).toEqual(expected);
  }
  expect(processText(readerOf(written(true)).at(1).process)).toBe(
    "drawn-with-a-long-name (pid 42)",
  );
});
