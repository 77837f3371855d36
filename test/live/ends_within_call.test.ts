/** Targets that end, or execute another program, within a call of the soft-dirty tracker. */

import { describe } from "vitest";
import { testEndsWithinCalls } from "./ends_within_call.ts";

const reading = ["identified it", "read its mappings", "read some of its pages"] as const;

describe("the soft-dirty tracker", () =>
  testEndsWithinCalls({
    options: { tracker: "soft-dirty", readBy: "pagemap" },
    moments: { clear: ["identified it", "read its mappings"], read: reading, take: reading },
  }));
