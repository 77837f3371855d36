import { expect, test } from "vitest";
import { heatMaps } from "../../lib/analysis/heat.ts";
import { migrationsOverLinks } from "../../lib/analysis/planners/links.ts";
import { WindowReplay } from "../../lib/analysis/planners/replay.ts";
import { firstWindowsOf } from "../../lib/analysis/time_columns.ts";
import { unpacked } from "../../lib/page/unpacked.ts";
import { aboutTrace } from "../../lib/report/html/about_trace.ts";
import { reportData } from "../../lib/report/html/report_data.ts";
import { openTrace } from "../../lib/session/sd.ts";
import { recordingFile, RECORDINGS } from "../helpers/recordings.ts";

test.each(RECORDINGS)("a report of %s has the heat map and the migrations in it", async (name) => {
  const trace = openTrace(recordingFile(name));
  const { processes } = JSON.parse(
    JSON.stringify(reportData(trace.snapshots, aboutTrace(trace))),
  ) as ReturnType<typeof reportData>;
  const maps = heatMaps(trace.snapshots, { rows: 4096, columns: 512 });
  const replay = new WindowReplay(trace.snapshots);
  for (const one of processes) {
    const { process: { pid }, heat, links, series } = await unpacked(one);
    const number = maps.findIndex((map) =>
      map.process.pid === pid && map.pageCount === heat.pageCount
    );
    const { rows, columns } = maps[number];
    expect(heat.columns).toEqual(columns);
    expect(heat.rows.map(({ start, end, name }) => [start, end, heat.names[name] ?? undefined]))
      .toEqual(rows.map(({ start, end, mapping }) => [start, end, mapping]));
    const counts = rows.flatMap(({ dirtyPages }) =>
      dirtyPages.map((pages, i) => Math.round(pages * columns[i].windowCount))
    );
    expect([...heat.counts]).toEqual(counts);
    const firsts = links.moments.map(({ firstWindow }) => firstWindow);
    expect(firsts.length).toBe(Math.min(16, columns.length));
    expect(firstWindowsOf(series.columns)).toEqual(expect.arrayContaining(firsts));
    const wanted = replay.timelines.map((_, i) => i === number ? firsts : []);
    expect(links).toEqual(migrationsOverLinks(replay, wanted)[number]);
  }
});
