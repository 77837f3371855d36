/**
 * The options that say how a recording is kept.
 *
 * @module
 */

import { Option } from "@commander-js/extra-typings";
import { parseRotation } from "./arguments.ts";

/** `--sync`. */
export function syncOption() {
  return new Option("--sync <when>", "when records reach the disk: never, once a second, or each")
    .choices(["none", "interval", "each"] as const)
    .default("interval" as const);
}

/** `--rotate`. */
export function rotateOption() {
  return new Option(
    "--rotate <size or time>",
    "go on in a new file after so many bytes, or so long, as in 256MB or 1h",
  ).argParser(parseRotation);
}
