/** Datagrams that devices send when they like: SNMP notifications and PJLink notices. */
import { PjlinkFrameError } from "@campus-ops/device-profiles/codecs/pjlink";
import { parseNotice } from "@campus-ops/device-profiles/codecs/pjlink-datagrams";
import { NotificationDecoder } from "../../edge-agent/drivers/snmp/traps.ts";
import type { FuzzTarget } from "./targets.ts";

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const hex = (digits: string): Uint8Array => Uint8Array.from(Buffer.from(digits.replaceAll(" ", ""), "hex"));

const COMMUNITY = "campus";
const FROM = { address: "127.0.0.1", family: "IPv4", port: 161, size: 0 } as const;

/** A linkDown of SNMPv2c (RFC 3416, clause 4.2.6), as a trap or as an inform. */
const notification = (pdu: "a7" | "a6"): Uint8Array =>
  hex(`3040 020101 0406 63616d707573 ${pdu}33 020101 020100 020100
    3028 300d 0608 2b06010201010300 430105 3017 060a 2b060106030101040100 0609 2b0601060301010503`);

/** A linkDown of SNMPv1 (RFC 1157, clause 4.1.6). */
const TRAP_V1 = hex(
  "3028 020100 0406 63616d707573 a41b 0606 2b0601040101 4004 7f000001 020102 020100 430105 3000",
);

/** What asks an SNMPv3 engine who it is (RFC 3414, clause 4). */
const DISCOVERY = hex(`303e 020103 3011 020400000001 020300ffe3 040104 020103
  0410 300e 0400 020100 020100 0400 0400 0400 3014 0400 0400 a00e 020400000002 020100 020100 3000`);

let accepted: string | undefined;
const decoder = new NotificationDecoder(
  { send: () => undefined, address: () => ({ address: "127.0.0.1", family: "IPv4", port: 162 }) },
  {
    onNotification: ({ pdu }) => {
      accepted = pdu.community ?? "";
    },
    onRefused: () => undefined,
  },
);
decoder.authorizer.addCommunity(COMMUNITY);

export const NOTIFICATION_TARGETS: readonly FuzzTarget[] = [
  {
    name: "SNMP notification",
    share: 0.3,
    examples: [notification("a7"), notification("a6"), TRAP_V1, DISCOVERY],
    errors: [],
    feed: (bytes) => {
      accepted = undefined;
      decoder.decode(Buffer.from(bytes), FROM);
      if (accepted !== undefined && accepted !== COMMUNITY)
        throw new Error(`a notification of community ${accepted} was taken`);
    },
  },
  {
    name: "PJLink notice",
    examples: ["%2LKUP=00:11:22:33:44:55\r", "%2POWR=1\r", "%2ERST=010000\r", "%2INPT=31\r"].map(utf8),
    errors: [PjlinkFrameError],
    feed: (bytes) => void parseNotice(bytes),
  },
];
