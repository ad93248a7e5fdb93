/** Messages of other people's gateways and systems: JSON whose shape nobody guarantees. */
export class SourceMessageError extends Error {
  override readonly name = "SourceMessageError";
}

export type JsonObject = Readonly<Record<string, unknown>>;

/** Throws {@link SourceMessageError}. */
export function objectOf(text: string): JsonObject {
  const message = parseJson(text);
  if (!isObject(message)) throw new SourceMessageError("the message is no JSON object");
  return message;
}

/** Throws {@link SourceMessageError}. */
export function listOf(text: string): readonly unknown[] {
  const message = parseJson(text);
  if (!Array.isArray(message)) throw new SourceMessageError("the message is no JSON list");
  return message;
}

/** Throws {@link SourceMessageError}. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new SourceMessageError("the message is no JSON");
  }
}

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);
