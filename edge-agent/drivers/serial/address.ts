/**
 * Where a byte line is: a serial port of the box, `scheme:///dev/ttyUSB0?baud=9600&parity=none`, or a serial server
 * that passes bytes through over TCP, `scheme://host:port`. The scheme says what is spoken on it and is the driver's.
 */
import { DriverError } from "../driver.ts";

export type Parity = "none" | "even" | "odd";

export interface SerialSettings {
  /** Bits a second. */
  readonly baud: number;
  readonly dataBits: 7 | 8;
  readonly parity: Parity;
  readonly stopBits: 1 | 2;
}

interface LineCommon {
  /** Silence before each request, where the line's own three and a half characters are not enough for a device. */
  readonly gap_ms?: number;
  /** A two-wire adapter that hears itself: what was sent comes back and is taken off. */
  readonly echo: boolean;
}

export type LineAddress = LineCommon &
  (
    | { readonly kind: "serial"; readonly path: string; readonly settings: SerialSettings }
    | { readonly kind: "tcp"; readonly host: string; readonly port: number }
  );

export interface LineDefaults {
  readonly settings: SerialSettings;
  /** TCP port where the URL has none; a URL must have one where this is absent. */
  readonly port?: number;
}

const BAUD_MIN = 300;
const BAUD_MAX = 921_600;
const GAP_MS_MAX = 1_000;
/** Less than the agent allows a whole poll. */
const ANSWER_MS_MAX = 9_000;
const PARITIES: readonly string[] = ["none", "even", "odd"] satisfies Parity[];

/** Reads the line's part of a device's URL. Throws `unsupported` with what is wrong and how it must read. */
export function parseLineAddress(url: URL, defaults: LineDefaults): LineAddress {
  const gap = url.searchParams.get("gap");
  const common: LineCommon = {
    echo: url.searchParams.get("echo") === "true",
    ...(gap === null ? {} : { gap_ms: number(url, "gap", 0, 0, GAP_MS_MAX) }),
  };
  if (url.hostname !== "") {
    const port = url.port === "" ? defaults.port : Number(url.port);
    if (port === undefined) throw wrong(url, "the serial server's TCP port is missing");
    // An IPv6 address stands in brackets in a URL and without them on a socket.
    return { ...common, kind: "tcp", host: url.hostname.replace(/^\[|\]$/g, ""), port };
  }
  const path = decodeURIComponent(url.pathname);
  if (!path.startsWith("/") || path.length < 2) throw wrong(url, "neither a serial port nor a host is named");
  const { settings } = defaults;
  const parity = url.searchParams.get("parity") ?? settings.parity;
  if (!isParity(parity)) throw wrong(url, `parity is one of ${PARITIES.join(", ")}`);
  return {
    ...common,
    kind: "serial",
    path,
    settings: {
      baud: number(url, "baud", settings.baud, BAUD_MIN, BAUD_MAX),
      dataBits: number(url, "data", settings.dataBits, 7, 8) === 7 ? 7 : 8,
      parity,
      stopBits: number(url, "stop", settings.stopBits, 1, 2) === 2 ? 2 : 1,
    },
  };
}

/** By which sessions find the line they share. */
export const lineName = (address: LineAddress): string =>
  address.kind === "serial" ? address.path : `${address.host}:${address.port}`;

/** As installers write it: `9600 8N1`. */
export function describeSettings({ baud, dataBits, parity, stopBits }: SerialSettings): string {
  return `${baud} ${dataBits}${parity.charAt(0).toUpperCase()}${stopBits}`;
}

/** How long a device may think before its answer is whole, the time that the bytes take aside: `timeout` in the URL. */
export const answerTime_ms = (url: URL, otherwise: number): number =>
  number(url, "timeout", otherwise, 1, ANSWER_MS_MAX);

/** How long one character takes: start bit, data, parity, stop bits. 0 over TCP, where the serial server keeps time. */
export function characterTime_ms(address: LineAddress): number {
  if (address.kind === "tcp") return 0;
  const { baud, dataBits, parity, stopBits } = address.settings;
  return ((1 + dataBits + (parity === "none" ? 0 : 1) + stopBits) * 1000) / baud;
}

/** MODBUS over Serial Line V1.02, 2.5.1.1: above 19200 baud the gap no longer shrinks. */
const GAP_CHARACTERS = 3.5;
const GAP_MS_FAST = 1.75;
const BAUD_FAST = 19_200;

/** Silence before each request. */
export function gap_ms(address: LineAddress): number {
  if (address.gap_ms !== undefined || address.kind === "tcp") return address.gap_ms ?? 0;
  return address.settings.baud > BAUD_FAST ? GAP_MS_FAST : GAP_CHARACTERS * characterTime_ms(address);
}

function number(url: URL, name: string, otherwise: number, min: number, max: number): number {
  const text = url.searchParams.get(name);
  const value = text === null ? otherwise : Number(text);
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw wrong(url, `${name} is a whole number from ${min} to ${max}`);
}

const isParity = (text: string): text is Parity => PARITIES.includes(text);

function wrong(url: URL, what: string): DriverError {
  const form = `${url.protocol}///dev/ttyUSB0?baud=9600&parity=none or ${url.protocol}//host:port`;
  return new DriverError("unsupported", `${url.href}: ${what}; it must read ${form}`, { retry: false });
}
