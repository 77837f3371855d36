/// <reference lib="dom" />
/**
 * Line charts, with uPlot: as wide as there is room, in the colours of the page.
 *
 * @module
 */

import uPlot from "uplot";
import { element, widthOf } from "./dom.ts";

/** A colour that the style sheet names. */
export function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** What a chart shows. */
export interface ChartOptions {
  readonly height: number;
  readonly xs: readonly number[];
  readonly series: readonly {
    readonly label: string;
    readonly values: readonly (number | null)[];
  }[];
  readonly xText: (value: number) => string;
  /** The y axis is of bytes, or of bytes a second. */
  readonly yText: (value: number) => string;
  readonly isLogarithmic?: boolean | undefined;
  /** Called with the chosen part of the x axis. */
  readonly onSelect?: ((from: number, to: number) => void) | undefined;
}

/** Steps that are round where units are powers of 1024. */
const BYTE_STEPS = [0, 1, 2, 3, 4, 5].flatMap((power) =>
  [1, 2, 5, 10, 20, 50, 100, 200, 500].map((step) => step * 1024 ** power)
);

/** A chart that can be drawn again with other values. */
export class Chart {
  readonly view = element("div", { class: "chart" });
  #plot: uPlot | undefined;
  #options: ChartOptions | undefined;

  constructor() {
    new ResizeObserver(() => this.#fit()).observe(this.view);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#draw());
  }

  /** Draws it. */
  show(options: ChartOptions): void {
    this.#options = options;
    this.#draw();
  }

  #fit(): void {
    if (this.#plot !== undefined && this.#options !== undefined) {
      this.#plot.setSize({ width: widthOf(this.view), height: this.#options.height });
    }
  }

  #draw(): void {
    if (this.#options === undefined) return;
    this.#plot?.destroy();
    const { xs, series, height, xText, yText, isLogarithmic, onSelect } = this.#options;
    const axis = {
      stroke: colour("--text"),
      grid: { stroke: colour("--grid") },
      ticks: { show: false },
    };
    const lines = ["--line-1", "--line-2", "--line-3"].map(colour);
    this.#plot = new uPlot(
      {
        width: widthOf(this.view),
        height,
        cursor: { drag: { x: onSelect !== undefined, y: false, setScale: false } },
        scales: {
          x: {
            time: false,
            distr: isLogarithmic ? 3 : 1,
            // uPlot would extend the axis to the next power of ten.
            ...isLogarithmic ? { range: [xs[0] * 0.9, xs[xs.length - 1] * 1.1] } : {},
          },
          y: { range: fromZero },
        },
        axes: [
          {
            ...axis,
            ...isLogarithmic ? { splits: () => [...xs], filter: asManyAsFit } : {},
            values: (_, ticks) => ticks.map((tick) => tick === null ? "" : xText(tick)),
          },
          { ...axis, size: 80, incrs: BYTE_STEPS, values: (_, ticks) => ticks.map(yText) },
        ],
        series: [
          { label: "time", value: (_, value) => value === null ? "" : xText(value) },
          ...series.map(({ label }, i) => ({
            label,
            stroke: lines[i % lines.length],
            width: 1.5,
            value: (_: uPlot, value: number | null) => value === null ? "" : yText(value),
          })),
        ],
        hooks: {
          setSelect: [(plot) => {
            const { left, width } = plot.select;
            if (width <= 0) return;
            onSelect?.(plot.posToVal(left, "x"), plot.posToVal(left + width, "x"));
            plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          }],
        },
      },
      [[...xs], ...series.map(({ values }) => [...values])] as uPlot.AlignedData,
      this.view,
    );
  }
}

/** Each label needs some room. */
function asManyAsFit({ width }: uPlot, splits: readonly number[]): (number | null)[] {
  const step = Math.ceil(splits.length * 64 / width);
  return splits.map((split, i) => i % step === 0 ? split : null);
}

function fromZero(_: uPlot, __: number, most: number): [number, number] {
  return [0, most > 0 ? most * 1.05 : 1];
}
