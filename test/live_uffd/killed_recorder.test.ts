/** `softdirty record`, killed with SIGKILL at random moments. */

import { expect, test } from "vitest";
import { killRecorder } from "./kill_recorder.ts";
import { killRotatingRecorder } from "./kill_rotating.ts";
import { describeLive, describeUnless } from "./proven.ts";
import { lackOf, PYTHON } from "./targets.ts";

const ROUNDS = 50;
const ROTATING_ROUNDS = 20;

describeLive("a recorder that is killed", () => {
  describeUnless(lackOf(PYTHON))("over python3", () => {
    test("leaves all that was complete, and repair gives it an index", {
      timeout: 600_000,
    }, async () => {
      const { rounds, events, states } = await killRecorder(ROUNDS);
      console.log(`${rounds} rounds, ${events} events read:`, Object.fromEntries(states));
      expect(rounds).toBe(ROUNDS);
      const cutOff = (states.get("torn") ?? 0) + (states.get("at the end of a record") ?? 0);
      expect(cutOff).toBeGreaterThan(ROUNDS / 2);
      expect(events).toBeGreaterThan(ROUNDS);
    });

    test("and rotates leaves all that it acknowledged, under the name of the recording", {
      timeout: 600_000,
    }, async () => {
      const { rounds, acknowledged, files, states } = await killRotatingRecorder(ROTATING_ROUNDS);
      console.log(`${rounds} rounds, ${files} files, ${acknowledged} snapshots:`, states);
      expect(rounds).toBe(ROTATING_ROUNDS);
      expect(acknowledged).toBeGreaterThan(ROTATING_ROUNDS);
      expect(files).toBeGreaterThan(2 * ROTATING_ROUNDS);
    });
  });
});
