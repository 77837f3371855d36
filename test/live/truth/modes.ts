/**
 * All rows of the truth table, in its order.
 *
 * @module
 */

import type { Mode } from "./mode.ts";
import { devices } from "./modes/devices.ts";
import { guards } from "./modes/guards.ts";
import { huge } from "./modes/huge.ts";
import { mappings } from "./modes/mappings.ts";
import { merging } from "./modes/merging.ts";
import { presence } from "./modes/presence.ts";
import { reclaim } from "./modes/reclaim.ts";
import { sharing } from "./modes/sharing.ts";
import { writes } from "./modes/writes.ts";

/** The modes. */
export const MODES: readonly Mode[] = [
  ...writes,
  ...mappings,
  ...sharing,
  ...huge,
  ...presence,
  ...reclaim,
  ...guards,
  ...merging,
  ...devices,
];
