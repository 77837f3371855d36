import { expect, onTestFinished, test } from "vitest";
import * as errors from "../../lib/core/errors.ts";

test("each error has the name of its class, also in its stack", () => {
  const made = [
    new errors.SoftdirtyError("too-large", "much"),
    new errors.ProcessError("process-exited", 42, "gone"),
    new errors.TrackingUnsupportedError("no", "other kernel"),
    new errors.TraceError("damaged", "a.sdtrace", "torn"),
    new errors.ImportError("not-understood", "a.img", "torn"),
    new errors.ReplayError("replay-ended", 3, "over"),
    new errors.ArgumentError("what?"),
    new errors.ExpressionError("size >", 6, "expected a size"),
  ];
  const classes = Object.entries(errors).filter(([, one]) =>
    typeof one === "function" && one.prototype instanceof Error
  ).map(([name]) => name);
  expect(made.map(({ name }) => name).sort()).toEqual(classes.sort());
  for (const { name, message, stack } of made) expect(stack).toContain(`${name}: ${message}\n`);
});

test("errors can be made without a stack", () => {
  errors.setErrorStacks(false);
  onTestFinished(() => errors.setErrorStacks(true));
  const { name, message, stack } = new errors.ArgumentError("what?", "Say it");
  expect(stack).toBe(`${name}: ${message}`);
});
