import { expect, test } from "vitest";
import { RecentTable } from "../../lib/analysis/recent_table.ts";
import { MOST_PROGRAMS } from "../../lib/analysis/windows.ts";
import { seconds } from "../helpers/drawn_snapshot.ts";
import { Snapshot } from "../../lib/core/snapshot.ts";

test("more processes at a time than are measured are refused, and those before stay", () => {
  const table = new RecentTable();
  const [one] = seconds("0 rw-p - D");
  const of = (pid: number) => new Snapshot({ ...one, process: { ...one.process, pid } });
  for (let pid = 1; pid <= MOST_PROGRAMS; pid++) table.add(of(pid));
  expect(() => table.add(of(MOST_PROGRAMS + 1))).toThrow(
    expect.objectContaining({ code: "too-large" }),
  );
  table.add(of(1));
  expect(table.states.length).toBe(MOST_PROGRAMS);
});
