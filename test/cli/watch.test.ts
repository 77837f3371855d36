import { expect, test } from "vitest";
import { softdirty } from "../helpers/softdirty.ts";

test.each([
  [[], "give one of -p PID and --cgroup PATH"],
  [["-p", "1", "--cgroup", "a"], "give one of -p PID and --cgroup PATH"],
  [["-p", "1", "--openmetrics", "somewhere"], "Give a host and a port"],
  [["-p", "1", "--budget", "0"], "Give a percentage above 0"],
  [["-p", "1", "--budget", "101%"], "Give a percentage above 0"],
  [["-p", "1", "--budget", "0.01"], "Give a percentage above 0"],
  [["-p", "1", "--working-set", "0s"], "Give a duration above 0"],
])("watch refuses what it cannot do: %j", async (args, message) => {
  const { exitCode, stderr } = await softdirty("watch", ...args);
  expect(exitCode).toBe(2);
  expect(stderr).toContain(message);
});
