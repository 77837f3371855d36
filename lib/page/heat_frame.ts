/**
 * What of the heat map is in view: never less than a column and a row, and never beyond the map.
 *
 * @module
 */

/** What is in view, in columns and rows of the map, which can be fractions. */
export interface Frame {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** How large the map is. */
export interface MapSize {
  readonly columns: number;
  readonly rows: number;
}

/** Around a point that stays where it is seen. A factor below 1 shows less of the map, and larger. */
export function zoomed(frame: Frame, size: MapSize, factor: number, x: number, y: number): Frame {
  const width = within(frame.width * factor, 1, size.columns);
  const height = within(frame.height * factor, 1, size.rows);
  return kept({
    x: x - (x - frame.x) * width / frame.width,
    y: y - (y - frame.y) * height / frame.height,
    ...{ width, height },
  }, size);
}

/** Further by so many columns and rows. */
export function moved(frame: Frame, size: MapSize, columns: number, rows: number): Frame {
  return kept({ ...frame, x: frame.x + columns, y: frame.y + rows }, size);
}

/** The numbers of the first and the last column that are in view, if only in part. */
export function columnsIn({ x, width }: Frame, { columns }: MapSize): [number, number] {
  const last = within(Math.ceil(x + width) - 1, 0, columns - 1);
  return [within(Math.floor(x), 0, last), last];
}

function kept(frame: Frame, { columns, rows }: MapSize): Frame {
  return {
    ...frame,
    x: within(frame.x, 0, columns - frame.width),
    y: within(frame.y, 0, rows - frame.height),
  };
}

function within(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(value, most));
}
