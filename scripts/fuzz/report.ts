/** What came of some cases. */
export interface Report {
  cases: number;
  /** How many cases ended how. */
  readonly outcomes: Record<string, number>;
  longestMs: number;
  /** Of the whole process. */
  mostBytes: number;
  failure: string | undefined;
}
