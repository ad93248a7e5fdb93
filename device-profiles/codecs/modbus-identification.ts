/**
 * Read Device Identification (MODBUS Application Protocol V1.1b3, 6.21): function 0x2B with MEI type 0x0E, the basic
 * category, which every device that knows the function has.
 */
const FUNCTION = 0x2b;
const MEI_TYPE = 0x0e;
const EXCEPTION = 0x80;
const BASIC = 1;
/** MEI type, code, conformity, more follows, next object, number of objects. */
const HEADER_BYTES = 7;

export interface ModbusIdentification {
  readonly vendor?: string;
  readonly productCode?: string;
  readonly revision?: string;
}

const NAMES = ["vendor", "productCode", "revision"] as const;

/** Asks for all basic objects from the first. */
export const IDENTIFICATION_REQUEST: Uint8Array = Uint8Array.of(FUNCTION, MEI_TYPE, BASIC, 0);

/**
 * What the device says of itself; empty when it answered that it has no identification (any exception): it is a Modbus
 * device all the same. Undefined for what is no answer to this request.
 */
export function parseIdentification(pdu: Uint8Array): ModbusIdentification | undefined {
  const [code, mei, , , , , objects = 0] = pdu;
  if (code === (FUNCTION | EXCEPTION) && pdu.length === 2) return {};
  if (code !== FUNCTION || mei !== MEI_TYPE || pdu.length < HEADER_BYTES) return undefined;
  const found: Record<string, string> = {};
  let at = HEADER_BYTES;
  for (let index = 0; index < objects; index += 1) {
    const [id, length] = pdu.subarray(at, at + 2);
    const bytes = length === undefined ? new Uint8Array() : pdu.subarray(at + 2, at + 2 + length);
    // A device that says more objects than it sends has said what it has.
    if (id === undefined || length === undefined || bytes.length < length) break;
    const name = NAMES[id];
    const text = new TextDecoder("latin1").decode(bytes).trim();
    if (name !== undefined && text !== "") found[name] = text;
    at += 2 + length;
  }
  return found;
}
