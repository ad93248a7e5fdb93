/** What of DNS messages (RFC 1035, clause 4) multicast DNS (RFC 6762) and service discovery (RFC 6763) need. */
export const MDNS_PORT = 5353;
export const MDNS_GROUP = "224.0.0.251";
/** The question that every responder answers with the types of its services (RFC 6763, clause 9). */
export const ALL_SERVICES = "_services._dns-sd._udp.local";

const HEADER_BYTES = 12;
const PTR = 12;
const TXT = 16;
const SRV = 33;
const INTERNET = 1;
/** A name has at most 255 octets (RFC 1035, clause 2.3.4), so compression cannot go on for ever. */
const LABELS_MAX = 128;
/** More records than a datagram can hold are a lie. */
const RECORDS_MAX = 512;

export type ServiceRecord =
  | { readonly type: "PTR"; readonly name: string; readonly target: string }
  | { readonly type: "SRV"; readonly name: string; readonly target: string; readonly port: number }
  | { readonly type: "TXT"; readonly name: string; readonly texts: readonly string[] };

/** A query for the PTR records of `names`, unicast answer preferred (RFC 6762, clause 5.4). */
export function serviceQuery(names: readonly string[]): Uint8Array {
  const bytes: number[] = [0, 0, 0, 0, 0, names.length, 0, 0, 0, 0, 0, 0];
  for (const name of names) {
    for (const label of name.split(".")) {
      const encoded = new TextEncoder().encode(label);
      bytes.push(encoded.length, ...encoded);
    }
    bytes.push(0, 0, PTR, 0x80, INTERNET);
  }
  return Uint8Array.from(bytes);
}

/** The service records of a response; none where the bytes are no DNS message, and those before the damage. */
export function parseServiceRecords(message: Uint8Array): readonly ServiceRecord[] {
  if (message.length < HEADER_BYTES) return [];
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  const isResponse = (view.getUint8(2) & 0x80) !== 0;
  if (!isResponse) return [];
  const records: ServiceRecord[] = [];
  try {
    let at = HEADER_BYTES;
    for (let left = view.getUint16(4); left > 0; left -= 1) at = readName(view, at).next + 4;
    const count = view.getUint16(6) + view.getUint16(8) + view.getUint16(10);
    for (let left = Math.min(count, RECORDS_MAX); left > 0; left -= 1) {
      const { name, next } = readName(view, at);
      const length = view.getUint16(next + 8);
      const record = recordAt(view, name, view.getUint16(next), next + 10, length);
      if (record !== undefined) records.push(record);
      at = next + 10 + length;
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  return records;
}

function recordAt(
  view: DataView,
  name: string,
  type: number,
  at: number,
  length: number,
): ServiceRecord | undefined {
  switch (type) {
    case PTR:
      return { type: "PTR", name, target: readName(view, at).name };
    case SRV:
      return { type: "SRV", name, port: view.getUint16(at + 4), target: readName(view, at + 6).name };
    case TXT: {
      const texts: string[] = [];
      for (let from = at; from < at + length; ) {
        const size = view.getUint8(from);
        texts.push(decoded(view, from + 1, size));
        from += 1 + size;
      }
      return { type: "TXT", name, texts };
    }
    default:
      return undefined;
  }
}

function readName(view: DataView, from: number): { readonly name: string; readonly next: number } {
  const labels: string[] = [];
  let at = from;
  let next: number | undefined;
  for (let steps = 0; steps < LABELS_MAX; steps += 1) {
    const length = view.getUint8(at);
    if (length >= 0xc0) {
      next ??= at + 2;
      at = view.getUint16(at) & 0x3fff;
    } else if (length === 0) {
      return { name: labels.join("."), next: next ?? at + 1 };
    } else {
      labels.push(decoded(view, at + 1, length));
      at += 1 + length;
    }
  }
  throw new RangeError("a name that does not end");
}

/** Throws a RangeError where the message is shorter. */
const decoded = (view: DataView, at: number, length: number): string =>
  new TextDecoder().decode(new Uint8Array(view.buffer, view.byteOffset + at, length));
