/** Targets that end, or execute another program, within a call of the uffd-wp tracker. */

import { testEndsWithinCalls } from "../live/ends_within_call.ts";
import { describeLive } from "./proven.ts";

const moments = ["identified it", "read its mappings"] as const;

describeLive("the uffd-wp tracker", () =>
  testEndsWithinCalls({
    options: { tracker: "uffd-wp" },
    moments: { clear: moments, read: moments, take: moments },
  }));
