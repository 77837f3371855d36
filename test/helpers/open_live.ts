/**
 * `openLive` over a kernel that the test made.
 *
 * @module
 */

import { LiveSource, type LiveSourceOptions } from "../../lib/session/live_source.ts";
import { createSd, type Sd } from "../../lib/session/sd.ts";

/** As `openLive` of the library, which knows only the kernel that it runs on. */
export function openLive(
  options: LiveSourceOptions & Pick<Required<LiveSourceOptions>, "kernel">,
): Sd {
  return createSd(new LiveSource(options));
}
