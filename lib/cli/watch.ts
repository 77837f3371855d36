/**
 * `softdirty watch`: what processes write to, for Prometheus.
 *
 * @module
 */

import { Command, InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { plainText } from "../core/plain_text.ts";
import { hostText, type ListenAddress, listenAddress } from "../exporter/address.ts";
import { parseDurationMs, parsePid, parseShare, parseWorkingSetNs } from "./arguments.ts";
import { note } from "./output.ts";
import type { WarningEvent } from "../trace/schema.ts";
import {
  carefulOption,
  forceOption,
  freezeOption,
  keepHugeOption,
  trackedAtStart,
  trackerOption,
} from "./tracker_options.ts";

const DEFAULT: ListenAddress = { host: "127.0.0.1", port: 9187 };

/** Builds the command. */
export function watchCommand() {
  return new Command("watch")
    .description("serve dirty rates and working sets as an OpenMetrics page")
    .usage("[options] (-p PID | --cgroup PATH)")
    .addOption(
      new Option(
        "--openmetrics <address>",
        "where to listen; a port without a host listens on this machine only",
      )
        .argParser(parseAddress).default(DEFAULT, hostText(DEFAULT)),
    )
    .addOption(
      new Option(
        "--allow-host <name...>",
        "also answer clients that call this machine by this name",
      )
        .argParser((
          name: string,
          all: string[] | undefined,
        ) => [...all ?? [], parseHostName(name)]),
    )
    .option("-p, --pid <pid>", "the process to watch", parsePid)
    .option("--children", "also its descendants")
    .option(
      "--cgroup <path>",
      "all processes of this control group (version 2), also while it is empty",
    )
    .addOption(
      new Option("-i, --interval <duration>", "time between a clear and the next read")
        .argParser(parseDurationMs).default(10_000, "10s"),
    )
    .addOption(
      new Option("--budget <share>", "wait longer where tracking costs a process more than this")
        .argParser(parseShare).default(0.01, "1%"),
    )
    .addOption(
      new Option("--working-set <duration>", "length of the working-set window")
        .argParser(parseWorkingSetNs).default(60e9, "60s"),
    )
    .addOption(trackerOption())
    .addOption(keepHugeOption())
    .addOption(freezeOption())
    .addOption(forceOption())
    .addOption(carefulOption())
    .action(async (options, self) => {
      const { pid, cgroup, children, interval, budget, workingSet, openmetrics } = options;
      if ((pid === undefined) === (cgroup === undefined)) {
        return self.error("error: give one of -p PID and --cgroup PATH");
      }
      const { LiveSource } = await import("../session/live_source.ts");
      const { thisKernel } = await import("../session/kernel_access.ts");
      const { assertTracks } = await import("../core/probe_report.ts");
      const { Watcher } = await import("../exporter/watcher.ts");
      const { metricsPage } = await import("../exporter/metrics.ts");
      const { servePage } = await import("../exporter/server.ts");
      const { formatDuration } = await import("../report/units.ts");
      const kernel = thisKernel();
      const { warningLine } = await import("../report/event_text.ts");
      const { tracker, keepHuge, freeze, force, careful } = options;
      const tracks = trackedAtStart({ pid, children, cgroup });
      const tracking = { tracks, tracker, keepHuge, freeze, force, careful };
      const onWarning = (event: WarningEvent) => note(`softdirty: ${warningLine(event)}`);
      const source = new LiveSource({ output: null, kernel, ...tracking, onWarning });
      assertTracks(source.probe());
      const watcher = new Watcher(source, {
        ...{ pid, cgroup, children, intervalMs: interval, budget, workingSetNs: workingSet },
        kernelRelease: kernel.release,
        onBegin: () =>
          note(
            `softdirty: ${server.url}, ${source.probe().tracker}, each ${
              formatDuration(interval * 1e6)
            } or less often, for up to ${budget * 100} % of a process's time`,
          ),
        onEmpty: () =>
          note(`softdirty: there is no process in ${plainText(cgroup!)}; waiting for one`),
      });
      const server = await servePage(
        openmetrics,
        () => metricsPage(watcher.state),
        options.allowHost,
      );
      const stop = new AbortController();
      for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
        process.on(signal, () => stop.abort());
      }
      try {
        await watcher.run(stop.signal);
        if (!stop.signal.aborted) note("softdirty: the process has ended");
      } finally {
        source.close();
        await server.close();
      }
    });
}

function parseAddress(text: string): ListenAddress {
  const address = listenAddress(text);
  if (address !== undefined) return address;
  throw new InvalidArgumentError("Give a host and a port, as in 127.0.0.1:9187 or [::1]:9187.");
}

function parseHostName(text: string): string {
  if (/^[\w.-]+$/.test(text)) return text;
  throw new InvalidArgumentError("Give a host name without a port, as in db1.example.com.");
}
