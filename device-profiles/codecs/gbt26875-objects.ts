/** What the application data unit of GB/T 26875.3-2011 holds (clause 8): the objects that a monitoring centre is sent. */
import type { Timestamp } from "../vocabulary/index.ts";
import { decodeFixedText, encodeGb18030 } from "./china-text.ts";
import { encodeSecondFirstTime, secondFirstTime } from "./china-time.ts";

/** 8.1.1, table 4: those that are sent upward and mean something here. */
export const FireType = {
  SystemState: 1,
  ComponentState: 2,
  Measurement: 3,
  SystemOperation: 4,
  TransmitterState: 21,
  TransmitterOperation: 24,
  TransmitterVersion: 25,
} as const;

interface At {
  readonly time: Timestamp | undefined;
}

export type FireObject =
  | (At & { readonly kind: "system-state"; readonly system: System; readonly word: number })
  | (At & {
      readonly kind: "component-state";
      readonly system: System;
      readonly component: Component;
      readonly word: number;
      /** What the installers call it; undefined when its bytes are text in no encoding. */
      readonly text: string | undefined;
      readonly textBytes: Uint8Array;
    })
  | (At & {
      readonly kind: "measurement";
      readonly system: System;
      readonly component: Component;
      readonly quantity: number;
      /** Signed, before its resolution. */
      readonly count: number;
    })
  | (At & {
      readonly kind: "system-operation";
      readonly system: System;
      readonly flags: number;
      readonly operator: number;
    })
  | (At & { readonly kind: "transmitter-state"; readonly word: number })
  | (At & { readonly kind: "transmitter-operation"; readonly flags: number; readonly operator: number })
  | { readonly kind: "transmitter-version"; readonly version: string };

/** One of the systems of a building (fire alarm, sprinklers …) by its type and address. */
export interface System {
  readonly type: number;
  readonly address: number;
}

export interface Component {
  readonly type: number;
  readonly address: number;
}

export class FireObjectError extends Error {
  override readonly name = "FireObjectError";
}

const TEXT_BYTES = 31;

/** Bytes of one object of a type. */
const OBJECT_BYTES: Readonly<Record<number, number>> = {
  [FireType.SystemState]: 10,
  [FireType.ComponentState]: 46,
  [FireType.Measurement]: 16,
  [FireType.SystemOperation]: 10,
  [FireType.TransmitterState]: 7,
  [FireType.TransmitterOperation]: 8,
  [FireType.TransmitterVersion]: 2,
};

/**
 * The objects of one data unit; none for a type that is not of {@link FireType}. Throws {@link FireObjectError} when
 * there are fewer bytes than it promises. What stands behind the objects is left: some makers add their own time there.
 */
export function parseFireObjects(data: Uint8Array): readonly FireObject[] {
  const [type = 0, count = 0] = data;
  const bytes = OBJECT_BYTES[type];
  if (bytes === undefined) return [];
  if (data.length < 2 + count * bytes) {
    throw new FireObjectError(
      `${count} objects of ${bytes} bytes are told, and ${data.length - 2} bytes came`,
    );
  }
  return Array.from({ length: count }, (_, index) =>
    parseObject(type, data.subarray(2 + index * bytes, 2 + (index + 1) * bytes)),
  );
}

export function encodeFireObjects(type: number, objects: readonly Uint8Array[]): Uint8Array {
  return concat(Uint8Array.of(type, objects.length), ...objects);
}

function parseObject(type: number, bytes: Uint8Array): FireObject {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const time = secondFirstTime(bytes.subarray(-6));
  const system = { type: bytes[0] ?? 0, address: bytes[1] ?? 0 };
  const component = (): Component => ({ type: bytes[2] ?? 0, address: view.getUint32(3, true) });
  switch (type) {
    case FireType.SystemState:
      return { kind: "system-state", system, word: view.getUint16(2, true), time };
    case FireType.ComponentState: {
      const textBytes = bytes.slice(9, 9 + TEXT_BYTES);
      return {
        kind: "component-state",
        system,
        component: component(),
        word: view.getUint16(7, true),
        text: decodeFixedText(textBytes),
        textBytes,
        time,
      };
    }
    case FireType.Measurement:
      return {
        kind: "measurement",
        system,
        component: component(),
        quantity: bytes[7] ?? 0,
        count: view.getInt16(8, true),
        time,
      };
    case FireType.SystemOperation:
      return { kind: "system-operation", system, flags: bytes[2] ?? 0, operator: bytes[3] ?? 0, time };
    case FireType.TransmitterState:
      return { kind: "transmitter-state", word: bytes[0] ?? 0, time };
    case FireType.TransmitterOperation:
      return { kind: "transmitter-operation", flags: bytes[0] ?? 0, operator: bytes[1] ?? 0, time };
    default:
      return { kind: "transmitter-version", version: `${bytes[0]}.${bytes[1]}` };
  }
}

/** For the simulator: the object that {@link parseFireObjects} reads. */
export function encodeFireObject(object: FireObject): Uint8Array {
  const time =
    "time" in object && object.time !== undefined ? encodeSecondFirstTime(object.time) : new Uint8Array(6);
  switch (object.kind) {
    case "system-state":
      return concat(head(object.system), word(object.word), time);
    case "component-state": {
      const text = new Uint8Array(TEXT_BYTES);
      text.set(
        (object.text === undefined ? object.textBytes : encodeGb18030(object.text)).subarray(0, TEXT_BYTES),
      );
      return concat(head(object.system), of(object.component), word(object.word), text, time);
    }
    case "measurement":
      return concat(
        head(object.system),
        of(object.component),
        Uint8Array.of(object.quantity),
        word(object.count & 0xffff),
        time,
      );
    case "system-operation":
      return concat(head(object.system), Uint8Array.of(object.flags, object.operator), time);
    case "transmitter-state":
      return concat(Uint8Array.of(object.word), time);
    case "transmitter-operation":
      return concat(Uint8Array.of(object.flags, object.operator), time);
    case "transmitter-version":
      return Uint8Array.from(object.version.split("."), Number);
  }
}

const head = ({ address, type }: System): Uint8Array => Uint8Array.of(type, address);

function of({ address, type }: Component): Uint8Array {
  const bytes = new Uint8Array(5);
  bytes[0] = type;
  new DataView(bytes.buffer).setUint32(1, address, true);
  return bytes;
}

const word = (value: number): Uint8Array => Uint8Array.of(value & 0xff, value >> 8);

function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((total, { length }) => total + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
