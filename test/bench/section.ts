/** A table with what has to be said of it, for a terminal and for a page alike. */
export interface Section {
  readonly title: string;
  readonly text: string;
  /** Of the first columns, how many name a row; one unless given. */
  readonly names?: number;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}
