/** A text an operator reads, in the two languages of the product. Chinese first: it is the one that must exist. */
export interface LocalText {
  readonly zh: string;
  readonly en: string;
}

export type Language = keyof LocalText;
