/**
 * Names that `*` and `?` stand for.
 *
 * @module
 */

/** Matches `*` and `?` with one place to go back to, so that no pattern takes exponential time. */
export function globPredicate(pattern: string): (text: string) => boolean {
  return (text) => {
    let p = 0;
    let t = 0;
    let star = -1;
    let starText = 0;
    while (t < text.length) {
      if (pattern[p] === "*") {
        star = p++;
        starText = t;
      } else if (p < pattern.length && (pattern[p] === "?" || pattern[p] === text[t])) {
        p++;
        t++;
      } else if (star >= 0) {
        p = star + 1;
        t = ++starText;
      } else return false;
    }
    while (pattern[p] === "*") p++;
    return p === pattern.length;
  };
}

/**
 * Matches names of mappings: text without a slash also matches the last part of a path
 * (`libc.so.6`); `[anon]` stands for memory without a name.
 */
export function mappingNamePredicate(pattern: string): (name: string) => boolean {
  if (pattern === "[anon]") return (name) => name === "";
  const matches = globPredicate(pattern);
  if (pattern.includes("/")) return matches;
  return (name) => matches(name) || matches(name.slice(name.lastIndexOf("/") + 1));
}
