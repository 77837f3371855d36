/**
 * Windows as vectors: how much memory was dirtied, and where.
 *
 * @module
 */

import type { PageSet } from "../core/page_set.ts";
import type { Snapshot } from "../core/snapshot.ts";
import type { Series } from "./change_points.ts";
import { Growth } from "./growth.ts";
import { windowOf } from "./windows.ts";
import { log2 } from "./exact_math.ts";

const REGION_BYTES = 2 ** 20;
/** Regions share so many places. */
const PLACES = 32;
/** How much, and a share for each place. */
const DIMENSIONS = PLACES + 1;
/** Beside them, how long the window is. */
const WIDTH = DIMENSIONS + 1;

/** With more windows than this, neighbours are averaged. */
const MOST_VECTORS = 2048;

/** The vector of one window. */
const scratch = new Float64Array(WIDTH);

/** Collects windows in bounded memory. */
export class WindowSeries {
  readonly #growth = new Growth();
  #values = new Float64Array(WIDTH);
  /** Whole vectors, each the mean of so many windows. */
  #count = 0;
  #windowsEach = 1;
  /** The sum of windows that are no whole vector yet. */
  readonly #pending = new Float64Array(WIDTH);
  #pendingCount = 0;

  /** Adds the window of a snapshot. */
  add(snapshot: Snapshot): void {
    const { dirtyPopulated: dirty } = snapshot;
    const vector = scratch.fill(0);
    addPlaces(vector, dirty, Math.max(1, REGION_BYTES / snapshot.pageSizeBytes));
    for (let d = 1; d < DIMENSIONS; d++) vector[d] = Math.sqrt(vector[d] / dirty.pageCount || 0);
    vector[0] = log2(1 + dirty.pageCount);
    vector[DIMENSIONS] = log2(windowOf(snapshot)!.longestNs);
    this.#growth.add(dirty);
    for (let d = 0; d < WIDTH; d++) this.#pending[d] += vector[d];
    if (++this.#pendingCount === this.#windowsEach) this.#complete();
  }

  /** All whole vectors, and how many windows each stands for; at least one. */
  whole(): { readonly series: Series; readonly windowsEach: number } {
    if (this.#count === 0) this.#complete();
    const values = new Float64Array(this.#count * DIMENSIONS);
    for (let i = 0; i < this.#count; i++) {
      const vector = this.#values.subarray(i * WIDTH, i * WIDTH + WIDTH);
      values.set(vector.subarray(0, DIMENSIONS), i * DIMENSIONS);
      // So many pages there would be in a window of another length.
      values[i * DIMENSIONS] -= this.#growth.value * vector[DIMENSIONS];
    }
    return { series: { dimensions: DIMENSIONS, values }, windowsEach: this.#windowsEach };
  }

  #grow(): void {
    const grown = new Float64Array(Math.min(MOST_VECTORS * WIDTH, this.#values.length * 2));
    grown.set(this.#values);
    this.#values = grown;
  }

  #complete(): void {
    const at = this.#count++ * WIDTH;
    if (at === this.#values.length) this.#grow();
    for (let d = 0; d < WIDTH; d++) this.#values[at + d] = this.#pending[d] / this.#pendingCount;
    this.#pending.fill(0);
    this.#pendingCount = 0;
    if (this.#count < MOST_VECTORS) return;
    for (let i = 0; i < MOST_VECTORS / 2; i++) {
      for (let d = 0; d < WIDTH; d++) {
        const pair = 2 * i * WIDTH + d;
        this.#values[i * WIDTH + d] = (this.#values[pair] + this.#values[pair + WIDTH]) / 2;
      }
    }
    this.#count /= 2;
    this.#windowsEach *= 2;
  }
}

/** Adds the pages of each region to its place. */
function addPlaces(vector: Float64Array, { edges }: PageSet, regionPages: number): void {
  for (let i = 0; i < edges.length; i += 2) {
    const last = Math.floor((edges[i + 1] - 1) / regionPages);
    let region = Math.floor(edges[i] / regionPages);
    // Of a vast range each place has its share.
    if (last - region > 4 * PLACES) {
      const share = (edges[i + 1] - edges[i]) / PLACES;
      for (let d = 1; d < DIMENSIONS; d++) vector[d] += share;
      continue;
    }
    for (; region <= last; region++) {
      const start = Math.max(edges[i], region * regionPages);
      const end = Math.min(edges[i + 1], (region + 1) * regionPages);
      vector[1 + placeOf(region)] += end - start;
    }
  }
}

/** Neighbours go to places that have nothing to do with each other (multiplicative hashing). */
function placeOf(region: number): number {
  const low = region % 2 ** 32;
  return Math.imul(low ^ Math.floor(region / 2 ** 32), 0x9e3779b1) >>> 27;
}
