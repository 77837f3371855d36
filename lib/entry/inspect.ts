/**
 * `softdirty/inspect`: once it is imported, results print themselves in `console.log` and at a prompt. It
 * changes the prototypes of the exported classes.
 *
 * @module
 */

import { inspectable, installInspection } from "../repl/printing.ts";

installInspection();

export { inspectable };
