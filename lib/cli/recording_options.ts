/**
 * The options that say how a recording is kept.
 *
 * @module
 */

import { Option } from "@commander-js/extra-typings";
import { parseRotation } from "./arguments.ts";

/** `--sync`. */
export function syncOption() {
  return new Option("--sync <when>", "when to fsync: never, once a second, or after every record")
    .choices(["none", "interval", "each"] as const)
    .default("interval" as const);
}

/** `--rotate`. */
export function rotateOption() {
  return new Option(
    "--rotate <size or time>",
    "start a new file after this size or time, as in 256MB or 1h",
  ).argParser(parseRotation);
}
