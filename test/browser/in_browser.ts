/**
 * Tests in a browser are left out where there is none, which is said, or is a failure with
 * `SOFTDIRTY_REQUIRE_LIVE=1`.
 *
 * @module
 */

import { existsSync } from "node:fs";
import process from "node:process";
import { describe } from "vitest";
import { CHROMIUM } from "./chromium.ts";

/** `describe`, where there is a browser. */
export function describeInBrowser(name: string, body: () => void): void {
  const isThere = existsSync(CHROMIUM);
  if (!isThere && process.env.SOFTDIRTY_REQUIRE_LIVE === "1") {
    throw new Error(`Cannot be left out: there is no ${CHROMIUM}`);
  }
  if (!isThere) console.log(`LEFT OUT: tests in a browser: there is no ${CHROMIUM}`);
  (isThere ? describe : describe.skip)(name, body);
}
