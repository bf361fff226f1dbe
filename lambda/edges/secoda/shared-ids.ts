/**
 * One string for each user id, however often it comes: a membership then costs a reference instead of a copy, and two
 * million of them fit in memory.
 */
export class SharedIds {
  readonly #ids = new Map<string, string>();

  same(id: string): string {
    const known = this.#ids.get(id);
    if (known !== undefined) return known;
    this.#ids.set(id, id);
    return id;
  }
}
