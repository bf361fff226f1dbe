/** Turns a text of any length into a short one that differs when the text does (SHA-256 in the product). */
export type Fingerprint = (text: string) => string;
