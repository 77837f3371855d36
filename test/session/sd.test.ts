import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ProcessError, ReplayError, TraceError } from "../../lib/core/errors.ts";
import { openReplay, openTrace, type Sd } from "../../lib/session/sd.ts";
import { openLive } from "../helpers/open_live.ts";
import { draw } from "../helpers/drawn_pages.ts";
import { drawnKernel } from "../helpers/drawn_kernel.ts";
import { recordingFile } from "../helpers/recordings.ts";
import { temporaryFolder } from "../helpers/temporary_folder.ts";

const DRAWINGS = ["0 rw-p [heap] DDp.", "0 rw-p [heap] pDD.", "0 rw-p [heap] pppD"];

/** A script as a user would write it: it does not know what `sd` is over. */
function script(sd: Sd): string[] {
  const said: string[] = [];
  const clear = sd.clear();
  said.push(`cleared ${clear.process.command}`);
  const a = sd.read();
  sd.mark("half way");
  sd.clear();
  const b = sd.read();
  said.push(draw(a.dirty, 4), draw(b.dirty, 4), draw(sd.diff(a, b).became, 4));
  said.push(String(b.atNs - b.sinceClear!.atNs), b.readAt.toISOString());
  try {
    sd.read();
    sd.read();
  } catch (error) {
    said.push((error as ProcessError).code);
  }
  return said;
}

describe("a session", () => {
  test("says the same live and replayed", () => {
    const output = join(temporaryFolder(), "a.sdtrace");
    const live = openLive({ pid: 42, output, kernel: drawnKernel(DRAWINGS) });
    const said = script(live);
    live.close();
    expect(said.slice(0, 4)).toEqual(["cleared drawn", "##..", ".##.", "..#."]);
    expect(said.at(-1)).toBe("process-exited");
    expect(script(openReplay(output))).toEqual(said);
  });

  test("records each event before the call returns", () => {
    const output = join(temporaryFolder(), "a.sdtrace");
    const sd = openLive({ pid: 42, output, kernel: drawnKernel(DRAWINGS) });
    sd.clear();
    expect(openTrace(output).eventCount).toBe(1);
    sd.read();
    expect(openTrace(output).snapshotCount).toBe(1);
    sd.mark("x");
    expect(openTrace(output).eventCount).toBe(3);
  });

  test("leaves no file if nothing happened, and a private one if something did", () => {
    const folder = temporaryFolder();
    const sd = openLive({
      pid: 42,
      output: join(folder, "sub/a.sdtrace"),
      kernel: drawnKernel(DRAWINGS),
    });
    expect(readdirSync(folder)).toEqual([]);
    sd.clear();
    expect(statSync(join(folder, "sub/a.sdtrace")).mode & 0o777).toBe(0o600);
  });

  test("never writes over a file that is there", () => {
    const output = join(temporaryFolder(), "a.sdtrace");
    openLive({ pid: 42, output, kernel: drawnKernel(DRAWINGS) }).clear();
    const second = openLive({ pid: 42, output, kernel: drawnKernel(DRAWINGS) });
    expect(() => second.clear()).toThrow(TraceError);
    expect(() => second.clear()).toThrow(/file already exists/);
    expect(openTrace(output).eventCount).toBe(1);
  });

  test("records nothing if the output is null", () => {
    const sd = openLive({ pid: 42, output: null, kernel: drawnKernel(DRAWINGS) });
    sd.clear();
    expect(sd.read().dirty.pageCount).toBe(2);
    expect(sd.tracePath).toBeUndefined();
  });

  test("refuses to answer on a kernel that was not proven to track, and leaves no file", () => {
    const output = join(temporaryFolder(), "a.sdtrace");
    const sd = openLive({ pid: 42, output, kernel: drawnKernel(DRAWINGS, false) });
    for (const call of [() => sd.clear(), () => sd.read()]) {
      expect(call).toThrow(expect.objectContaining({ code: "tracking-unsupported" }));
    }
    expect(sd.probe().works).toBe(false);
    expect(existsSync(output)).toBe(false);
  });

  test("says that a pid is needed when there is none", () => {
    const sd = openLive({ output: null, kernel: drawnKernel(DRAWINGS) });
    expect(() => sd.clear()).toThrow(/sd.read\(42\)/);
    expect(sd.read(42).dirty.pageCount).toBe(2);
  });

  test("records each call that failed, so that a replay fails alike", () => {
    const output = join(temporaryFolder(), "a.sdtrace");
    const sd = openLive({ pid: 42, output, kernel: drawnKernel(["0 rw-p - D"]) });
    const replay = () => openReplay(output);
    sd.read();
    for (let i = 0; i < 3; i++) expect(() => sd.read()).toThrow(ProcessError);
    expect(openTrace(output).event(1)).toMatchObject({ type: "exit", reason: "process-exited" });
    const again = replay();
    again.read();
    for (let i = 0; i < 3; i++) {
      expect(() => again.read()).toThrow(expect.objectContaining({ code: "process-exited" }));
    }
    expect(() => again.read()).toThrow(ReplayError);
  });

  test("leaves no file if the first call fails", () => {
    const folder = temporaryFolder();
    const sd = openLive({ pid: 42, output: join(folder, "a.sdtrace"), kernel: drawnKernel([]) });
    for (let i = 0; i < 2; i++) expect(() => sd.read()).toThrow(ProcessError);
    expect(readdirSync(folder)).toEqual([]);
  });

  test("does not touch the process if the file cannot be made", () => {
    const output = join(temporaryFolder(), "a.sdtrace");
    writeFileSync(output, "taken");
    let isTouched = false;
    const drawn = drawnKernel(DRAWINGS);
    const createTracker: typeof drawn.createTracker = (kind, nowNs) => ({
      ...drawn.createTracker(kind, nowNs),
      clear: () => {
        isTouched = true;
        throw new Error("touched");
      },
    });
    const sd = openLive({ pid: 42, output, kernel: { ...drawn, createTracker } });
    expect(() => sd.clear()).toThrow(/file already exists/);
    expect(isTouched).toBe(false);
    expect(readFileSync(output, "utf8")).toBe("taken");
  });

  test("measures nothing from the clear of a process that had the pid before", () => {
    const drawn = drawnKernel(DRAWINGS);
    const createTracker: typeof drawn.createTracker = (kind, nowNs) => {
      const tracker = drawn.createTracker(kind, nowNs);
      const read = () => {
        const observation = tracker.read(42);
        return { ...observation, process: { ...observation.process, startTimeTicks: 2000 } };
      };
      return { ...tracker, read };
    };
    const sd = openLive({ pid: 42, output: null, kernel: { ...drawn, createTracker } });
    sd.clear();
    expect(sd.read().sinceClear).toBeNull();
  });

  test("takes marks that are no text as text", () => {
    const output = join(temporaryFolder(), "a.sdtrace");
    const sd = openLive({ pid: 42, output, kernel: drawnKernel(DRAWINGS) });
    sd.mark(7 as unknown as string);
    expect(openTrace(output).event(0)).toMatchObject({ text: "7" });
    expect(openReplay(output).mark(7 as unknown as string).atNs).toBeGreaterThan(0);
  });

  test.each([60_000, 2 ** 32])("a wait of %i ms ends when its signal is aborted", async (ms) => {
    const sd = openLive({ output: null, kernel: drawnKernel(DRAWINGS) });
    const stop = new AbortController();
    const waiting = sd.wait(ms, { signal: stop.signal });
    stop.abort();
    await expect(waiting).rejects.toBe(stop.signal.reason);
  });

  test("a wait with a signal that was aborted does not begin, live or in a replay", async () => {
    const signal = AbortSignal.abort(new Error("enough"));
    const sd = openLive({ output: null, kernel: drawnKernel(DRAWINGS) });
    await expect(sd.wait(60_000, { signal })).rejects.toThrow("enough");
    const replay = openReplay(recordingFile("every7"));
    await expect(replay.wait(60_000, { signal })).rejects.toThrow("enough");
    await expect(replay.wait(60_000, { signal: new AbortController().signal })).resolves.toBe(
      undefined,
    );
  });

  test("refuses to wait for what is no time", async () => {
    const sd = openLive({ output: null, kernel: drawnKernel(DRAWINGS) });
    await expect(sd.wait(NaN)).rejects.toMatchObject({ code: "wrong-argument" });
    await expect(sd.wait(-1)).rejects.toMatchObject({ code: "wrong-argument" });
  });
});

describe("a replay", () => {
  const recorded = (use: (sd: Sd) => void): string => {
    const output = join(temporaryFolder(), "a.sdtrace");
    const sd = openLive({ pid: 42, output, kernel: drawnKernel(DRAWINGS) });
    use(sd);
    return output;
  };

  test("names the event it stands at when something else is asked for", () => {
    const file = recorded((sd) => {
      sd.clear();
      sd.read();
    });
    const sd = openReplay(file);
    expect(() => sd.read()).toThrow(/read\(42\) was asked for, but event 0 of .* is clear\(42\)/);
    sd.clear();
    expect(() => sd.read(43)).toThrow(/event 1 of .* is read\(42\)/);
    expect(sd.read().dirty.pageCount).toBe(2);
    expect(() => sd.clear()).toThrow(ReplayError);
    expect(() => sd.clear()).toThrow(/ends after 2 events/);
  });

  test("passes over marks that the script does not ask for, and takes new ones as they come", () => {
    const file = recorded((sd) => {
      sd.clear();
      sd.mark("one");
      sd.mark("two");
      sd.read();
    });
    const sd = openReplay(file);
    expect(sd.mark("before the first").atNs).toBe(0);
    sd.clear();
    expect(sd.mark("two").text).toBe("two");
    expect(sd.mark("never recorded").atNs).toBeGreaterThan(0);
    expect(sd.read().index).toBe(0);
  });

  test("takes marks of the same text one after the other", () => {
    const file = recorded((sd) => {
      sd.mark("again");
      sd.mark("again");
      sd.clear();
    });
    const sd = openReplay(file);
    const first = sd.mark("again");
    expect(sd.mark("again").atNs).toBeGreaterThan(first.atNs);
  });

  test("knows its process from the recording", () => {
    expect(openReplay(recorded((sd) => sd.clear())).pid).toBe(42);
  });

  test("needs a file that is there", () => {
    expect(() => openReplay("/nowhere/a.sdtrace")).toThrow(/Cannot open .*no such file/);
  });
});

describe("closing", () => {
  const file = "recordings/traces/redis.sdtrace";
  const openCount = () => readdirSync("/proc/self/fd").length;

  test("a replay or a trace, a hundred times, leaves no descriptor open", () => {
    const before = openCount();
    for (let i = 0; i < 100; i++) {
      openReplay(file).close();
      openTrace(file).close();
    }
    expect(openCount()).toBe(before);
  });

  test("is what the end of a block does that began with using", () => {
    const before = openCount();
    const [sd, trace] = [openReplay(file), openTrace(file)];
    for (const one of [sd, trace]) one[Symbol.dispose]();
    expect(openCount()).toBe(before);
  });

  test("twice changes nothing, and what is read afterwards is refused with a code", () => {
    const trace = openTrace(file);
    const last = trace.at(-1);
    const sd = openReplay(file);
    sd.clear();
    trace.close();
    sd.close();
    // A descriptor that another file got meanwhile stays open.
    const other = openTrace(file);
    trace.close();
    sd.close();
    expect(other.at(-1).dirty.equals(last.dirty)).toBe(true);
    other.close();
    expect(() => trace.at(0)).toThrow(expect.objectContaining({ code: "closed" }));
    expect(() => sd.read()).toThrow(expect.objectContaining({ code: "closed" }));
  });
});
