import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  clearFrames,
  findAddresses,
  placesBelow,
  stackIn,
  STEP_BYTES,
  writeFrames,
} from "../../../lib/kernel/inject/frame_addresses.ts";
import { FRAME_ALIGNMENT } from "../../../lib/kernel/inject/arch.ts";
import { ProcFs } from "../../../lib/kernel/proc/proc_fs.ts";
import { FakeMemory } from "../../helpers/fake_memory.ts";
import { FakeProc, mapsLine } from "../../helpers/fake_proc.ts";

const PAGE = 4096;
/** What both frames of this test take. */
const AREA_BYTES = STEP_BYTES;
const START = 0x7ffc_0000_0000;
const STACK = { start: START, end: START + 33 * PAGE };
/** The stack pointer of a thread that uses little of its stack. */
const SHALLOW = STACK.end - 2 * PAGE;

/** The memory of the stack, and of some pages below it, as far as it may grow. */
const memoryOf = (roomBelow = 2 * AREA_BYTES) => {
  const memory = new FakeMemory(START - roomBelow, STACK.end - START + roomBelow);
  memory.put(SHALLOW, [1, 2, 3]);
  return memory;
};
const areaOf = (places: { leader: number } | undefined) =>
  places && Math.floor(places.leader / PAGE) * PAGE;
const SIZES = { leader: 1000, helper: 1000 };
const frames = { leader: new Uint8Array(1000).fill(7), helper: new Uint8Array(1000).fill(9) };

describe("placesBelow()", () => {
  test("takes the end of the stack if nothing was ever there", () => {
    const places = placesBelow(memoryOf(), STACK, SHALLOW, SIZES)!;
    expect(areaOf(places)).toBe(START);
    expect(places.helper - places.leader).toBe(1024);
    expect(places.areaBytes).toBe(AREA_BYTES);
    expect(places.leader % FRAME_ALIGNMENT + places.helper % FRAME_ALIGNMENT).toBe(0);
    expect(places.helper + SIZES.helper).toBeLessThan(START + AREA_BYTES);
  });

  test.each([0, AREA_BYTES - 1])("goes below it if there is a byte at %d", (at) => {
    const memory = memoryOf();
    memory.put(START + at, [1]);
    expect(areaOf(placesBelow(memory, STACK, SHALLOW, SIZES))).toBe(START - AREA_BYTES);
  });

  test("goes below it if the thread uses its stack down to there", () => {
    expect(areaOf(placesBelow(memoryOf(), STACK, START + AREA_BYTES - 1, SIZES))).toBe(
      START - AREA_BYTES,
    );
  });

  test("takes more for larger frames, as those of a thread that uses AMX", () => {
    const places = placesBelow(memoryOf(), STACK, SHALLOW, { leader: 11_500, helper: 448 })!;
    expect(places.areaBytes).toBe(3 * STEP_BYTES);
    expect(places.helper - places.leader).toBeGreaterThanOrEqual(11_500);
  });

  test("does not mind where a thread is that runs on another stack", () => {
    expect(areaOf(placesBelow(memoryOf(), STACK, 0x1000, SIZES))).toBe(START);
  });

  test("finds again what was used once, also if the tool died then", () => {
    const memory = memoryOf();
    memory.put(START, [1]);
    const places = placesBelow(memory, STACK, SHALLOW, SIZES)!;
    expect(writeFrames(memory, places, frames)).toBe(true);
    const grown = { ...STACK, start: START - AREA_BYTES };
    expect(placesBelow(memory, grown, SHALLOW, SIZES)).toEqual(places);
    expect(placesBelow(memory, STACK, SHALLOW, SIZES)).toEqual(places);
  });

  test.each([0, AREA_BYTES - 1])("does not take it for that if byte %d was changed", (at) => {
    const memory = memoryOf();
    writeFrames(memory, placesBelow(memory, STACK, SHALLOW, SIZES)!, frames);
    memory.put(START + at, [1]);
    expect(areaOf(placesBelow(memory, STACK, SHALLOW, SIZES))).toBe(START - AREA_BYTES);
  });

  test("finds none if the stack may not grow", () => {
    const memory = memoryOf(0);
    memory.put(START, [1]);
    expect(placesBelow(memory, STACK, SHALLOW, SIZES)).toBeUndefined();
  });
});

describe("writeFrames()", () => {
  test("lays both where they belong", () => {
    const memory = memoryOf();
    const places = placesBelow(memory, STACK, SHALLOW, SIZES)!;
    expect(writeFrames(memory, places, frames)).toBe(true);
    for (const name of ["leader", "helper"] as const) {
      const found = new Uint8Array(1000);
      memory.read(found, places[name]);
      expect(found).toEqual(frames[name]);
    }
  });

  test("leaves zeros after clearFrames()", () => {
    const memory = memoryOf();
    const places = placesBelow(memory, STACK, SHALLOW, SIZES)!;
    writeFrames(memory, places, frames);
    clearFrames(memory, places);
    const found = new Uint8Array(AREA_BYTES).fill(1);
    memory.read(found, START);
    expect(found).toEqual(new Uint8Array(AREA_BYTES));
  });

  test("refuses memory that cannot be written", () => {
    const places = placesBelow(memoryOf(), STACK, SHALLOW, SIZES)!;
    expect(writeFrames(new FakeMemory(0, 8), places, frames)).toBe(false);
  });
});

describe("findAddresses()", () => {
  let fake: FakeProc;
  beforeEach(() => {
    fake = new FakeProc();
  });
  afterEach(() => fake.remove());

  const find = (memory: FakeMemory, known: typeof STACK | undefined) =>
    findAddresses(new ProcFs(fake.root), 42, memory, known, SHALLOW, SIZES);

  test("reads the mappings again if the stack has grown meanwhile", () => {
    const grownPages = 3 * AREA_BYTES / PAGE;
    const [start, end] = [START / PAGE - grownPages, STACK.end / PAGE];
    fake.put({ pid: 42, maps: mapsLine({ start, end, name: "[stack]" }) });
    const memory = memoryOf(4 * AREA_BYTES);
    for (const at of [START, START - AREA_BYTES]) memory.put(at, [1]);
    expect(areaOf(find(memory, STACK))).toBe(start * PAGE);
  });

  test("finds none in a process without a stack of that name", () => {
    fake.put({ pid: 42, maps: mapsLine({ start: 1, end: 2, name: "[heap]" }) });
    expect(find(memoryOf(), undefined)).toBeUndefined();
    const vmas = new ProcFs(fake.root).maps(42, PAGE);
    expect(stackIn(vmas, PAGE)).toBeUndefined();
  });
});
