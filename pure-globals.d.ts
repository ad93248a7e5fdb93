/**
 * What the pure folders may use beyond ECMAScript itself: the WHATWG Encoding Standard, which has no state, no I/O
 * and no clock. Everything else (timers, `process`, `fetch`, `console`) stays a compile error there.
 */
declare class TextEncoder {
  encode(input?: string): Uint8Array<ArrayBuffer>;
  encodeInto(source: string, destination: Uint8Array): { read: number; written: number };
}
declare class TextDecoder {
  constructor(label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean });
  decode(input?: Uint8Array): string;
}
