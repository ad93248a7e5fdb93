/**
 * What PJLink class 2 sends over UDP (PJLink Specifications Class 2, JBMIA, “Search” and “Status notification”): a
 * controller asks who is there, and a projector says by itself that its link came up or that something changed.
 * Nothing of it is authenticated.
 */
import { PjlinkFrameError } from "./pjlink.ts";

/** Sent to the network's broadcast address, port 4352. */
export const SEARCH_REQUEST = "%2SRCH\r";

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

/** The MAC address of whoever answers a search, lower case with colons; undefined for any other datagram. */
export function parseSearchAnswer(datagram: Uint8Array): string | undefined {
  const mac = /^%2ACKN=([0-9a-f]{2}(?::[0-9a-f]{2}){5})\r$/i.exec(asciiOf(datagram))?.[1];
  return mac?.toLowerCase();
}

export const formatSearchAnswer = (mac: string): string => `%2ACKN=${mac}\r`;

const asciiOf = (bytes: Uint8Array): string => String.fromCharCode(...bytes.subarray(0, DATAGRAM_BYTES_MAX));

const DATAGRAM_BYTES_MAX = 256;
