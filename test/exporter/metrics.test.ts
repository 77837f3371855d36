import { expect, test } from "vitest";
import { RecentTable } from "../../lib/analysis/recent_table.ts";
import { PageSet } from "../../lib/core/page_set.ts";
import { metricsPage, type WatchState } from "../../lib/exporter/metrics.ts";
import { PROCESS, seconds, snapshot } from "../helpers/drawn_snapshot.ts";

/** A page over some snapshots. */
export function pageOf(table: RecentTable): Promise<string> {
  const state: WatchState = {
    ...{
      states: table.states,
      group: table.group?.state,
      all: table.all,
      tracker: "uffd-wp",
      kernelRelease: "6.12",
      waitMs: 2000,
    },
    ...{ wantedMs: 1000, budget: 0.01, failureCount: 3, untracked: [] },
  };
  return metricsPage(state);
}

test("a page has what was written, what is tracked, and what that costs", async () => {
  const table = new RecentTable();
  for (const one of seconds("0 rw-p - DDp", "0 rw-p - pDp")) table.add(one);
  const lines = (await pageOf(table)).split("\n");
  const labels = `{pid="42",command="drawn"}`;
  expect(lines).toEqual(expect.arrayContaining([
    `softdirty_dirty_bytes_total${labels} 12288`,
    `softdirty_window_seconds_total${labels} 2`,
    `softdirty_windows_total${labels} 2`,
    `softdirty_dirty_rate_bytes_per_second${labels} 4096`,
    `softdirty_working_set_bytes${labels} 8192`,
    `softdirty_working_set_seconds${labels} 2`,
    `softdirty_target_cost_seconds_total${labels} 0.000003`,
    "softdirty_wait_seconds 2",
    "softdirty_wanted_wait_seconds 1",
    "softdirty_budget_ratio 0.01",
    "softdirty_failures_total 3",
    "softdirty_all_dirty_bytes_total 12288",
    "softdirty_all_windows_total 2",
    "softdirty_processes 1",
  ]));
  expect(lines.slice(-2)).toEqual(["# EOF", ""]);
});

test("a page reports what tracking took, what it stopped, and what it does not see", async () => {
  const table = new RecentTable();
  const [one] = seconds("0x10 rw-p - DDp");
  const unwatched = PageSet.from([{ start: 0x12, end: 0x13 }]);
  const sinceClear = { ...one.sinceClear!, durationNs: 2e6, stoppedNs: 5e6, unseenNs: 3e6 };
  table.add(
    snapshot("0x10 rw-p - DDp", {
      ...one,
      ...{ pages: { ...one.pages, unwatched }, tracker: "uffd-wp", sinceClear },
      ...{ durationNs: 1e6, stoppedNs: 4e6 },
    }),
  );
  const page = await pageOf(table);
  for (
    const [name, value] of [
      ["unseen_seconds_total", 0.003],
      ["tracking_seconds_total", 0.003],
      ["stopped_seconds_total", 0.009],
      ["untracked_bytes", 4096],
      ["device_writable_bytes", 0],
      ["last_read_timestamp_seconds", 1_700_000_001],
    ]
  ) expect(page).toContain(`softdirty_${name}{pid="42",command="drawn"} ${value}\n`);
});

test("nothing is kept from one page to the next", async () => {
  const table = new RecentTable();
  for (const one of seconds("0 rw-p - D")) table.add(one);
  await pageOf(table);
  table.clear();
  expect(await pageOf(table)).not.toContain('pid="42"');
});

test("a hostile command stays within its label", async () => {
  const table = new RecentTable();
  const [one] = seconds("0 rw-p - D");
  const command = 'a"} 1\n\u001b[1m\\';
  table.add(snapshot("0 rw-p - D", { ...one, process: { ...PROCESS, command } }));
  const page = await pageOf(table);
  expect(page).toContain(String.raw`{pid="42",command="a\"} 1\\x0a\\x1b[1m\\"} 4096`);
  expect(page).not.toContain("\u001b");
});
