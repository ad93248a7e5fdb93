/**
 * What a PJLink class 2 projector says over UDP (PJLink Specifications Class 2, JBMIA): by itself, that its link came up or
 * that something changed (“Status notification”), and when somebody searches, where it is (“Search”). Nothing of it is
 * authenticated.
 */
import { PjlinkFrameError } from "./pjlink.ts";

/** LKUP: the link came up, with the MAC address. The others carry what the command of that name answers. */
export const NOTICES = ["LKUP", "ERST", "POWR", "INPT"] as const;
export type NoticeCommand = (typeof NOTICES)[number];

export interface PjlinkNotice {
  readonly command: NoticeCommand;
  readonly text: string;
}

/** Throws {@link PjlinkFrameError} for anything else. */
export function parseNotice(datagram: Uint8Array): PjlinkNotice {
  const [, command, text] = /^%2([A-Z]{4})=([ -~]{1,128})\r$/i.exec(asciiOf(datagram)) ?? [];
  const known = NOTICES.find((each) => each === command?.toUpperCase());
  if (known === undefined || text === undefined)
    throw new PjlinkFrameError("a datagram that is no PJLink notice");
  return { command: known, text };
}

export const formatNotice = ({ command, text }: PjlinkNotice): string => `%2${command}=${text}\r`;

/** Sent to projectors one by one, or to all of a network by broadcast. */
export const SEARCH = "%2SRCH\r";

export const isSearch = (datagram: Uint8Array): boolean => asciiOf(datagram).toUpperCase() === SEARCH;

/** The MAC address in the answer to a search. Throws {@link PjlinkFrameError} for anything else. */
export function parseAcknowledgement(datagram: Uint8Array): string {
  const [, mac] = /^%2ACKN=((?:[0-9a-f]{2}:){5}[0-9a-f]{2})\r$/i.exec(asciiOf(datagram)) ?? [];
  if (mac === undefined) throw new PjlinkFrameError("a datagram that answers no PJLink search");
  return mac.toLowerCase();
}

export const formatAcknowledgement = (mac: string): string => `%2ACKN=${mac}\r`;

const asciiOf = (bytes: Uint8Array): string => String.fromCharCode(...bytes.subarray(0, DATAGRAM_BYTES_MAX));

const DATAGRAM_BYTES_MAX = 256;
