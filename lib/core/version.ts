/** The version of this package, as package.json and deno.json have it. */
export const VERSION = "0.2.0";
