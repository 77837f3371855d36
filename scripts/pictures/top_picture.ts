/**
 * `softdirty top` over a recording, as it stands in the README.
 *
 * @module
 */

import { TestTerminal } from "../../test/helpers/terminal.ts";
import { terminalSvg } from "./terminal_svg.ts";

/** Runs it in a terminal of 80 columns, and draws what is seen. Called in the root of the project. */
export async function topPicture(): Promise<string> {
  const trace = "recordings/traces/redis.sdtrace";
  const terminal = new TestTerminal(
    `$SOFTDIRTY top --replay ${trace} --at 1m --speed 0.001`,
    80,
    19,
    { NO_COLOR: "", FORCE_COLOR: "1" },
  );
  await terminal.sees(/24 of 24 snapshots/);
  terminal.type("\r");
  await terminal.sees(/its working set of/);
  // The last frame may still be on its way.
  await new Promise((resolve) => setTimeout(resolve, 300));
  const picture = terminalSvg(terminal.cells);
  terminal.type("q");
  await terminal.ended();
  return picture;
}
