/**
 * What a PJLink class 2 projector says by itself over UDP (PJLink Specifications Class 2, JBMIA, “Status notification”):
 * that its link came up, or that something changed. Nothing of it is authenticated.
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

const asciiOf = (bytes: Uint8Array): string => String.fromCharCode(...bytes.subarray(0, DATAGRAM_BYTES_MAX));

const DATAGRAM_BYTES_MAX = 256;
