import { expect, test } from "vitest";
import { RecentTable } from "../../lib/analysis/recent_table.ts";
import type { TopFeed } from "../../lib/top/feed.ts";
import { TopView } from "../../lib/top/top_view.ts";
import { clearAt, PROCESS, snapshot } from "../helpers/drawn_snapshot.ts";

const MAPPINGS = "0x10 rw-p /a DDD\n0x20 rw-p /b DD\n0x30 rw-p /c D";

/** A feed of processes that write to so many pages each second, and the keys that it was handed. */
function feedOf(pages: Readonly<Record<number, number>>) {
  const table = new RecentTable();
  const keys: string[] = [];
  const add = (pid: number, count: number, second: number) => {
    const process = { ...PROCESS, pid, command: `command${pid}` };
    const drawing = pid === 1 ? MAPPINGS : `0 rw-p - ${"D".repeat(count)}`;
    table.add(snapshot(drawing, {
      ...{ process, atNs: second * 1e9 + 1e9, durationNs: 0 },
      sinceClear: { ...clearAt(second * 1e9), process, durationNs: 0 },
    }));
  };
  for (const [pid, count] of Object.entries(pages)) add(Number(pid), count, 0);
  const feed: TopFeed = {
    untracked: [],
    ...{ table, empty: "nothing", help: ["own keys"], status: () => ["title"] },
    key: (name) => void keys.push(name),
    run: () => Promise.resolve(),
  };
  return { feed, add, keys };
}

const press = (view: TopView, ...names: string[]) => {
  for (const name of names) {
    view.key({ name, sequence: name.length === 1 ? name : "" });
    view.look();
  }
};
const shown = (view: TopView) => view.look().table.rows.map(({ name }) => name);

test("the first row is chosen, whichever that is, until the user chooses one, which stays so", () => {
  const { feed, add } = feedOf({ 7: 1 });
  const view = new TopView(feed);
  expect(view.look().chosen).toBe("7");
  add(8, 5, 0);
  expect(view.look().chosen).toBe("8");
  press(view, "down");
  expect(view.look().chosen).toBe("7");
  add(9, 9, 0);
  expect(shown(view)).toEqual(["command9", "command8", "command7"]);
  expect(view.look().chosen).toBe("7");
  press(view, "pageup");
  expect(view.look().chosen).toBe("9");
});

test("enter goes down to the mappings without what was looked for, and esc back to the process", () => {
  const { feed } = feedOf({ 1: 0, 2: 9 });
  const view = new TopView(feed);
  press(view, "/", "1", "return");
  expect(shown(view)).toEqual(["command1"]);
  press(view, "return");
  expect(shown(view)).toEqual(["/a", "/b", "/c"]);
  expect(view.look().status.at(-1)).toMatch(/^command1 \(pid 1\) writes 24\.0 KiB\/s/);
  press(view, "escape");
  expect(shown(view)).toEqual(["command2", "command1"]);
  expect(view.look().chosen).toBe("1");
});

test("keys sort, turn the order around, and find by a text that is typed", () => {
  const { feed } = feedOf({ 1: 0 });
  const view = new TopView(feed, 1);
  press(view, "S");
  expect(shown(view)).toEqual(["/c", "/b", "/a"]);
  press(view, "S", "s", "s", "s");
  expect(view.look().sort).toBe("name");
  expect(shown(view)).toEqual(["/a", "/b", "/c"]);
  press(view, "/", "q", "s");
  expect([view.look().empty, shown(view)]).toEqual(["nothing has that text in its name", []]);
  press(view, "backspace", "backspace", "b");
  expect(shown(view)).toEqual(["/b"]);
  press(view, "escape");
  expect(shown(view)).toEqual(["/a", "/b", "/c"]);
});

test("esc ends a search first, and then goes back", () => {
  const { feed } = feedOf({ 1: 0, 2: 9 });
  const view = new TopView(feed, 1);
  press(view, "/", "b", "return");
  expect(shown(view)).toEqual(["/b"]);
  press(view, "escape");
  expect(shown(view)).toEqual(["/a", "/b", "/c"]);
  press(view, "escape");
  expect(shown(view)).toEqual(["command2", "command1"]);
});

test("? shows the keys, until any key is pressed", () => {
  const { feed } = feedOf({ 1: 0 });
  const view = new TopView(feed, 1);
  view.key({ sequence: "?" });
  expect(view.look().text?.join("\n")).toMatch(/ esc +end a search[^]*work\.set/);
  expect(view.key({ name: "q", sequence: "q" })).toBe(true);
  expect(view.look().text).toBeUndefined();
  view.key({ sequence: "?" });
  expect(view.key({ name: "c", ctrl: true })).toBe(false);
});

test("a pause holds what is seen, in which one can still move", () => {
  const { feed, add } = feedOf({ 2: 1, 3: 2 });
  const view = new TopView(feed);
  press(view, "space");
  add(4, 9, 0);
  expect(shown(view)).toEqual(["command3", "command2"]);
  expect(view.look().status[0]).toBe("paused: title");
  press(view, "down");
  expect(view.look().chosen).toBe("2");
  press(view, "space");
  expect(shown(view)).toHaveLength(3);
});

test("q and Ctrl-C leave, unless q is typed; other keys are the feed's", () => {
  const { feed, keys } = feedOf({ 2: 1 });
  const view = new TopView(feed);
  expect(view.key({ name: "q", sequence: "q" })).toBe(false);
  expect(view.key({ name: "c", ctrl: true })).toBe(false);
  expect(view.key({ sequence: "/" })).toBe(true);
  expect(view.key({ name: "q", sequence: "q" })).toBe(true);
  expect(view.key({ name: "c", ctrl: true })).toBe(false);
  press(view, "escape", "r", "left", "+");
  expect(keys).toEqual(["r", "left", "+"]);
});
