/**
 * All rows of the truth table, in its order.
 *
 * @module
 */

import type { Mode } from "./mode.ts";
import { huge } from "./modes/huge.ts";
import { mappings } from "./modes/mappings.ts";
import { presence } from "./modes/presence.ts";
import { sharing } from "./modes/sharing.ts";
import { writes } from "./modes/writes.ts";

/** The modes. */
export const MODES: readonly Mode[] = [...writes, ...mappings, ...sharing, ...huge, ...presence];
