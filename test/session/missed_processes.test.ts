import { expect, test } from "vitest";
import { type ForkSource, MissedProcesses } from "../../lib/session/missed_processes.ts";

type Forks = ReturnType<ForkSource["take"]>;

function counter(...looks: readonly (readonly [forks: Forks, found: readonly number[]])[]) {
  let closed = 0;
  let look = 0;
  const forks = { take: () => looks[look][0], close: () => void closed++ };
  const missed = new MissedProcesses(forks);
  const counts = looks.map(([, found]) => {
    missed.during(() => found.map((pid) => ({ pid })));
    look++;
    return missed.count;
  });
  missed.close();
  missed.close();
  return { counts, closed };
}

const fork = (parentPid: number, pid: number) => ({ parentPid, pid });

test("processes of the group that are in no look are counted, with what descends from them", () => {
  const { counts, closed } = counter(
    [[fork(1, 9)], [5]],
    [[fork(5, 6), fork(5, 7), fork(1, 8), fork(7, 10), fork(8, 11)], [5, 6]],
    [[fork(6, 12), fork(12, 13)], [5, 13]],
    [[], [5]],
    [[fork(13, 14)], [5]],
  );
  expect(counts).toEqual([0, 2, 3, 3, 3]);
  expect(closed).toBe(1);
});

test("a process that was seen is not counted when its fork is reported later", () => {
  expect(counter([[], [5, 6]], [[fork(5, 6)], [5]]).counts).toEqual([0, 0]);
});

test("the count is unknown after forks were missed, or where no source reports them", () => {
  expect(counter([[], [5]], [undefined, [5]], [[fork(5, 6)], [5]]).counts).toEqual([0, null, null]);
  expect(new MissedProcesses(undefined).count).toBeNull();
});
