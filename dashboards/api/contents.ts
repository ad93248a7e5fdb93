/** Answers that are no JSON, as they stand in the OpenAPI document. */

/** Done, and there is nothing to say about it. */
export const DONE = { 204: { type: "null", description: "done" } } as const;
/** Begun: it goes on after the answer. */
export const BEGUN = { 202: { type: "null", description: "begun" } } as const;
/** On to another page. */
export const ONWARD = {
  303: { type: "null", description: "the address of the next page, in `Location`" },
} as const;

/** A file of one of these media types. */
export function fileOf(...types: readonly string[]) {
  const schema = { type: "string", format: "binary" } as const;
  const content = Object.fromEntries(types.map((type) => [type, { schema }]));
  return { 200: { description: "the file", content } } as const;
}

export const PICTURE_TYPES = ["image/jpeg", "image/png", "image/webp"] as const;
