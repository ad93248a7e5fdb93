import { createCipheriv, createDecipheriv } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Command, encodeFrame, findFrame, type OsdpFrame, Reply, Security } from "./osdp-frame.ts";
import { RECORDED_SESSION } from "./osdp-recorded-session.ts";
import {
  type Aes128,
  DEFAULT_KEY,
  Handshake,
  type SecureChannel,
  SecureChannelError,
} from "./osdp-secure-channel.ts";

const hex = (text: string): Uint8Array =>
  Uint8Array.from(text.split(" "), (byte) => Number.parseInt(byte, 16));
const say = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

const aes: Aes128 = {
  encryptBlock: (key, block) => createCipheriv("aes-128-ecb", key, null).setAutoPadding(false).update(block),
  decryptBlock: (key, block) =>
    createDecipheriv("aes-128-ecb", key, null).setAutoPadding(false).update(block),
};

describe("frames", () => {
  const poll = { address: 0x65, isReply: false, sequence: 0, code: Command.Poll, data: new Uint8Array() };

  test.each([
    // goToMain/libosdp, unit tests: a poll and a request for the identity.
    ["53 65 08 00 04 60 60 90", poll],
    ["53 65 09 00 05 61 00 e9 4d", { ...poll, sequence: 1, code: Command.Id, data: Uint8Array.of(0) }],
  ])("%s", (text, frame) => {
    const found = findFrame(hex(text));
    expect(found?.frame).toEqual(frame);
    expect(say(encodeFrame(frame))).toBe(text.replaceAll(" ", ""));
  });

  test("are found byte by byte, behind noise and behind a frame that was broken", () => {
    const whole = hex(RECORDED_SESSION[1] ?? "");
    for (let length = 0; length < whole.length; length++) {
      expect(findFrame(whole.subarray(0, length))).toBeUndefined();
    }
    const broken = whole.with(8, 0xff);
    const found = findFrame(Uint8Array.of(0xff, 0xff, 0x53, 0x00, ...broken, ...whole));
    expect(found?.frame.code).toBe(Reply.Id);
    expect(found?.frame.isReply).toBe(true);
  });

  test("with a checksum instead of a CRC are understood", () => {
    const body = [0x53, 0x80, 0x07, 0x00, 0x00, Reply.Ack];
    const sum = -body.reduce((all, byte) => all + byte, 0) & 0xff;
    expect(findFrame(Uint8Array.of(...body, sum))?.frame.code).toBe(Reply.Ack);
    expect(findFrame(Uint8Array.of(...body, sum ^ 1))).toBeUndefined();
  });

  test("whatever is said is understood", () => {
    const security = fc.option(
      fc.record({ type: fc.constantFrom(0x11, 0x13), data: fc.uint8Array({ maxLength: 3 }) }),
    );
    fc.assert(
      fc.property(
        fc.nat(0x7e),
        fc.nat(3),
        fc.nat(255),
        fc.uint8Array({ maxLength: 64 }),
        security,
        (address, sequence, code, data, block) => {
          const frame: OsdpFrame = {
            address,
            isReply: false,
            sequence,
            code,
            data,
            ...(block === null ? {} : { security: block }),
          };
          expect(findFrame(encodeFrame(frame))?.frame).toEqual(frame);
        },
      ),
    );
  });

  test("no bytes make it throw", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        const mostlyFrames = bytes.map((byte, i) => (i % 9 === 0 ? 0x53 : byte));
        expect(() => findFrame(mostlyFrames)).not.toThrow();
      }),
    );
  });
});

/** Follows both sides of a recorded session, as a monitor that knows the key would. */
function follow(frames: readonly string[]): { readonly code: number; readonly data: string }[] {
  let key = DEFAULT_KEY;
  let handshake: Handshake | undefined;
  let randomA: Uint8Array = new Uint8Array();
  let channel: SecureChannel | undefined;
  return frames.map((text) => {
    const found = findFrame(hex(text));
    if (found === undefined) throw new Error(`no frame in ${text}`);
    const { frame, unsigned } = found;
    let data = frame.data;
    switch (frame.security?.type) {
      case Security.Challenge:
        randomA = data;
        break;
      case Security.ClientCryptogram:
        handshake = new Handshake(aes, key, randomA, data.subarray(8, 16));
        expect(say(data.subarray(16))).toBe(say(handshake.clientCryptogram));
        break;
      case Security.ServerCryptogram:
        expect(say(data)).toBe(say(handshake?.serverCryptogram ?? new Uint8Array()));
        break;
      case Security.InitialMac:
        expect(say(data)).toBe(say(handshake?.initialMac ?? new Uint8Array()));
        channel = handshake?.open();
        break;
      case Security.SealedCommand:
      case Security.SealedReply:
        data = channel?.unseal(data) ?? data;
    }
    if (frame.mac !== undefined) expect(channel?.verify(unsigned, frame.mac), text).toBe(true);
    // KEYSET: type, length, key.
    if (frame.code === Command.KeySet && !frame.isReply) key = data.slice(2);
    return { code: frame.code, data: say(data) };
  });
}

describe("the secure channel", () => {
  test("follows a recorded session: both cryptograms, every MAC, and the key that was set", () => {
    const messages = follow(RECORDED_SESSION);
    expect(messages.filter(({ code }) => code === Command.Poll)).toHaveLength(2);
    const keySet = messages.find(({ code }) => code === Command.KeySet);
    expect(keySet?.data).toMatch(/^0110[0-9a-f]{32}$/);
    const status = messages.find(({ code }) => code === Reply.LocalStatus);
    // Not tampered with; its power failed, as a reader on a bench has no second supply.
    expect(status?.data).toBe("0001");
  });

  test("makes the very bytes that were recorded", () => {
    const frames = RECORDED_SESSION.slice(2, 8).map((text) => findFrame(hex(text))?.frame);
    const [challenge, client, , , keySet] = frames;
    const handshake = new Handshake(
      aes,
      DEFAULT_KEY,
      challenge?.data ?? new Uint8Array(),
      client?.data.subarray(8, 16) ?? new Uint8Array(),
    );
    const reader = handshake.open();
    const controller = handshake.open();
    const plain = reader.unseal(keySet?.data ?? new Uint8Array());
    const sealed = controller.seal(plain);
    expect(say(sealed)).toBe(say(keySet?.data ?? new Uint8Array()));
    const found = findFrame(hex(RECORDED_SESSION[6] ?? ""));
    expect(say(controller.sign(found?.unsigned ?? new Uint8Array()))).toBe(
      say(found?.frame.mac ?? new Uint8Array()),
    );
  });

  test("refuses a frame that was changed, replayed or left out", () => {
    const handshake = new Handshake(aes, DEFAULT_KEY, new Uint8Array(8), new Uint8Array(8));
    const sender = handshake.open();
    const receiver = handshake.open();
    const first = Uint8Array.of(1, 2, 3);
    const mac = sender.sign(first);
    expect(receiver.verify(Uint8Array.of(1, 2, 4), mac)).toBe(false);
    expect(receiver.verify(first, mac)).toBe(true);
    expect(receiver.verify(first, mac)).toBe(false);
    sender.sign(Uint8Array.of(5));
    const third = sender.sign(Uint8Array.of(6));
    expect(receiver.verify(Uint8Array.of(6), third)).toBe(false);
  });

  test("whatever is sealed is unsealed, of any length", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70 }), (data) => {
        const handshake = new Handshake(
          aes,
          DEFAULT_KEY,
          new Uint8Array(8),
          Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8),
        );
        expect(handshake.open().unseal(handshake.open().seal(data))).toEqual(data);
      }),
    );
  });

  test("what was never sealed is said to be none", () => {
    const open = () => new Handshake(aes, DEFAULT_KEY, new Uint8Array(8), new Uint8Array(8)).open();
    expect(() => open().unseal(new Uint8Array(15))).toThrow(SecureChannelError);
    expect(() => open().unseal(new Uint8Array(16))).toThrow(SecureChannelError);
  });
});
