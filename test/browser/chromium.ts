/**
 * Where Debian's Chromium is, of which `npm test` sees to it that it is there.
 *
 * @module
 */

/** The program. */
export const CHROMIUM = "/usr/bin/chromium";
