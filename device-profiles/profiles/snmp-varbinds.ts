/** Varbinds as a device sends them, for testcases. */
import { SnmpType, type Varbind } from "../codecs/snmp.ts";

export const integer = (oid: string, value: number): Varbind => ({ oid, type: SnmpType.Integer, value });
export const gauge = (oid: string, value: number): Varbind => ({ oid, type: SnmpType.Gauge32, value });
export const ticks = (oid: string, value: number): Varbind => ({ oid, type: SnmpType.TimeTicks, value });
export const octets = (oid: string, ...bytes: number[]): Varbind => ({
  oid,
  type: SnmpType.OctetString,
  value: Uint8Array.from(bytes),
});
export const text = (oid: string, value: string): Varbind => octets(oid, ...new TextEncoder().encode(value));
export const counter64 = (oid: string, ...bytes: number[]): Varbind => ({
  oid,
  type: SnmpType.Counter64,
  value: Uint8Array.from(bytes),
});
export const nothing = (oid: string, type: number): Varbind => ({ oid, type, value: null });
