import { describe, expect, test } from "vitest";
import { PageSet } from "../../../lib/core/page_set.ts";
import { type Snapshot, UNKNOWN_CONDITIONS } from "../../../lib/core/snapshot.ts";
import { snapshot } from "../../helpers/drawn_snapshot.ts";
import { judge } from "../../live/truth/judge.ts";
import type { Played } from "../../live/truth/mode.ts";

/** Pages 0x10 and up, one for each letter that is not a dot. */
function pages(letters: string): PageSet {
  return PageSet.from(
    [...letters].flatMap((letter, i) => letter === "." ? [] : [{ start: 0x10 + i, end: 0x11 + i }]),
  );
}

/** Judges a mapping at page 0x10, in which the pages of `written` were. */
function judged(
  letters: string,
  written: string,
  played: Partial<Played> = {},
  kernel?: string,
  change: (drawn: Snapshot) => Snapshot = (drawn) => drawn,
) {
  const drawn = change(snapshot(`0x10 rw-p - ${letters}`));
  const region = pages("x".repeat(letters.length));
  const reports = kernel === undefined ? drawn.dirty : pages(kernel);
  return judge({ region, written: pages(written), ...played }, "read", drawn, reports);
}

/** Has a snapshot state that the process gave pages back. */
const withDropped = (letters: string) => () =>
  snapshot(`0x10 rw-p - ${letters}`, {
    conditions: { ...UNKNOWN_CONDITIONS, droppedPages: 1 },
  });

describe("judge()", () => {
  test("finds nothing to say of pages that were all written and reported", () => {
    expect(judged("DpDp", "w.w.")).toEqual({
      by: "read",
      reported: 2,
      untrackedBy: null,
      missed: {},
      extra: {},
      problems: [],
    });
  });

  test("takes a missed page that nothing is known to lose for a problem", () => {
    expect(judged("Dppp", "w.w.").problems).toEqual([
      "1 pages missed, and nothing is known to lose them",
    ]);
    const played = { mayMiss: { dropped: pages("..w.") } };
    expect(judged("Dppp", "w.w.", played, undefined, withDropped("Dppp")))
      .toMatchObject({ missed: { dropped: 1 }, problems: [] });
  });

  test("takes an extra page that nothing explains for a problem", () => {
    expect(judged("DDpp", "w...").problems).toEqual([
      "1 pages reported as written, which they were not, and nothing explains it",
    ]);
    const played = { mayAdd: { populated: pages("ww..") } };
    expect(judged("DDpp", "w...", played)).toMatchObject({ extra: { populated: 1 }, problems: [] });
  });

  test("takes a cause that the snapshot does not state for a problem", () => {
    expect(judged("DDpp", "w...", { mayAdd: { split: pages("ww..") } }).problems).toEqual([
      "1 pages split, which the snapshot does not state",
    ]);
    expect(judged("Dppp", "w.w.", { mayMiss: { dropped: pages("..w.") } }).problems).toEqual([
      "1 pages dropped, which the snapshot does not state",
    ]);
  });

  test("lets a cause take all of its pages or none", () => {
    const played = { mayAdd: { populated: pages(".xxx") } };
    expect(judged("DDDp", "w...", played)).toMatchObject({
      extra: {},
      problems: ["2 pages reported as written, which they were not, and nothing explains it"],
    });
  });

  test("takes a reason only where the mode did what it says", () => {
    const played = { reasons: ["new-mapping"] } as const;
    expect(judged("DdDp", "w...", played)).toMatchObject({
      extra: { "new-mapping": 2 },
      problems: [],
    });
    expect(judged("DdDp", "w...").problems).toEqual([
      "2 pages explained as new-mapping, which is not so",
    ]);
  });

  test("distinguishes a page that the library lost from one that the kernel lost", () => {
    const played = { mayMiss: { dropped: pages("w...") } };
    expect(judged("pppp", "w...", played, "w...", withDropped("pppp")).problems).toEqual([
      "1 pages reported by the kernel, and not by the snapshot",
    ]);
    expect(judged("DDpp", "ww..", {}, "w...").problems).toEqual([
      "1 pages reported by the snapshot, and not by the kernel",
    ]);
  });

  test("counts memory that is not tracked as neither missed nor clean", () => {
    const untracked = (part: string) => (drawn: Snapshot) =>
      snapshot("0x10 rw-p - pppp", { pages: { ...drawn.pages, hugetlb: pages(part) } });
    expect(judged("pppp", "w...", {}, "xxxx", untracked("xxxx"))).toMatchObject({
      untrackedBy: "hugetlb",
      missed: {},
      problems: [],
    });
    expect(judged("pppp", "w...", {}, "xxxx", untracked("xx..")).problems).toEqual([
      "only a part is reported as untracked",
    ]);
  });
});
