/** A function that does nothing: what it takes to load any. */
export const handler = (): Promise<null> => Promise.resolve(null);
