/**
 * What the system says of a call that failed.
 *
 * @module
 */

/** The system's own words, without the call and the path that Node adds. */
export function reasonOf(cause: unknown): string {
  return (cause as Error).message.replace(/^[A-Z0-9]+: ([^,]+),.*$/s, "$1");
}
