/** The Sparkplug B payload codec: `encodePayload` and `decodePayload`, with the limits that both keep. */
export { ARRAY_ITEMS_MAX } from "./arrays.ts";
export { type DecodeResult, decodePayload, PAYLOAD_BYTES_MAX } from "./decode.ts";
export { EncodeError, type EncodeOptions, encodePayload } from "./encode.ts";
export { ELEMENTS_MAX, NESTING_DEPTH_MAX } from "./payload-reader.ts";
export type { DecodeError, DecodeErrorKind } from "./protobuf-reader.ts";
