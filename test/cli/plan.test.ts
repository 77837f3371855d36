import { describe, expect, test } from "vitest";
import { recordingFile } from "../helpers/recordings.ts";
import { softdirty } from "../helpers/softdirty.ts";

const file = recordingFile("redis");

describe("plan migrate", () => {
  test("gives the verdict first, then how sure it is, both rules and the formula", async () => {
    const { exitCode, stdout } = await softdirty("plan", "migrate", file);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(
      /^redis-server \(pid 106\) migrates over 10\.0 Gbit\/s in 20\.2 ms, with a downtime of 3\.19 ms/,
    );
    expect(stdout).toMatch(/^begun at 8 moments of the trace, 8 end within 300 ms/m);
    expect(stdout).toMatch(/^the slowest link .*: 137 Mbit\/s$/m);
    expect(stdout).toMatch(/3\.08 s between them are left out/);
    expect(stdout).toMatch(/^ *round +sends +at +takes +written meanwhile +downtime if last$/m);
    expect(stdout).toMatch(/^Xen's rule \(Clark 2005\): 6 rounds, then three times the memory/m);
    expect(stdout).toMatch(/^constant rate \(the usual formula\): 11\.1 MiB\/s/m);
  });

  test("says what bandwidth would do where it does not converge, though the formula says it does", async () => {
    const { stdout } = await softdirty("plan", "migrate", file, "--bandwidth", "100Mbit");
    expect(stdout).toMatch(
      /does not surely converge over 100 Mbit\/s: .* 274 ms to 874 ms.*; 137 Mbit\/s would do$/m,
    );
    expect(stdout).toMatch(/QEMU would continue/);
    expect(stdout).toMatch(/0\.93 of the link: 26 rounds/);
    expect(stdout).toMatch(/^and 18 more rounds$/m);
  });

  test("prints JSON and CSV", async () => {
    const args = ["plan", "migrate", file, "--max-downtime", "1ms"];
    const plan = JSON.parse((await softdirty(...args, "--json")).stdout);
    expect(plan.link).toEqual({ bytesPerSecond: 1.25e9, maxDowntimeNs: 1e6 });
    expect(plan.qemu.isWithinDowntime).toBe(false);
    const csv = (await softdirty(...args, "--csv")).stdout.trim().split("\r\n");
    const roundsOf = ({ qemu, xen }: typeof plan) => qemu.rounds.length + xen.rounds.length;
    expect(csv).toHaveLength(1 + roundsOf(plan) + roundsOf(plan.least));
  });
});

describe("plan checkpoint", () => {
  test("gives the verdict first, and a row for each interval", async () => {
    const { exitCode, stdout } = await softdirty("plan", "checkpoint", file);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(
      /^redis-server \(pid 106\) is best checkpointed each 10\.7 s or less often/,
    );
    expect(stdout).toMatch(/^10\.0 s +10\.0 s +10\.6 MiB +89\.2 %/m);
    expect(stdout).toMatch(/^60\.0 s +longer than the trace/m);
    expect(stdout).toMatch(/^a longer interval needs more than 16\.0 s of trace$/m);
  });

  test("takes intervals, a speed and how often failures come", async () => {
    const { stdout } = await softdirty(
      ...["plan", "checkpoint", file, "--interval", "2s", "--write-speed", "10MB/s"],
      ...["--failure-each", "10s", "--json"],
    );
    const plan = JSON.parse(stdout);
    expect(plan).toMatchObject({ bytesPerSecond: 10 * 2 ** 20, failureNs: 10e9 });
    expect(plan.intervals.filter(({ isAsked }: { isAsked: boolean }) => isAsked)).toHaveLength(1);
    // What is written so slowly is lost less often, if one waits.
    expect(plan.best.meanIntervalNs).toBeGreaterThan(2e9);
  });
});

describe("plan fork", () => {
  test("gives the verdict first, then how it spreads", async () => {
    const { exitCode, stdout } = await softdirty("plan", "fork", file);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(
      /^a fork of redis-server \(pid 106\) that lives for 5\.00 s costs 4\.10 MiB to 10\.1 MiB on average: at most 85\.2 % of 11\.9 MiB/,
    );
    expect(stdout).toMatch(
      /^forked at 16 moments of the trace: the least costs 3\.57 MiB to .*, up to 10\.5 MiB$/m,
    );
    expect(stdout).toMatch(
      /^because its windows are so long, the mean can be 4\.08 MiB to 10\.1 MiB$/m,
    );
  });

  test("says that the trace is too short, and what it does not record", async () => {
    const { stdout } = await softdirty(
      ...["plan", "fork", recordingFile("redis-uffd"), "--duration", "1m"],
    );
    expect(stdout).toMatch(/^the trace is shorter than 60\.0 s; 4\.69 s are the most/m);
    expect(stdout).toMatch(/^this trace does not record what exists/m);
  });
});

test.each([
  [["plan", "fork", file, "--duration", "0s"], "A child that does not live costs nothing"],
  [["plan", "migrate", file, "--bandwidth", "0Mbit"], "Give a rate, as in 10Gbit"],
  [["plan", "checkpoint", file, "--interval", "1s,0s"], "0 is no interval"],
  [["plan", "move", file], "unknown command 'move'"],
])("plan refuses what it cannot plan: %j", async (args, message) => {
  const { exitCode, stderr } = await softdirty(...args);
  expect(exitCode).toBe(2);
  expect(stderr).toContain(message);
});
