import { createSocket } from "node:dgram";
import { once } from "node:events";
import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { checkClock } from "./machine.ts";
import { askNtp, NtpError, ntpRequest, parseNtpAnswer } from "./ntp.ts";

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** What a server says whose clock stands at these times when the request arrives and leaves. */
function answer(arrived_ms: number, answered_ms: number, first = 0x24, stratum = 2): Uint8Array {
  const bytes = ntpRequest(answered_ms);
  bytes.set(ntpRequest(arrived_ms).subarray(40, 48), 32);
  bytes[0] = first;
  bytes[1] = stratum;
  return bytes;
}

async function server(ahead_ms: number): Promise<string> {
  const socket = createSocket("udp4");
  socket.on("message", (_, { address, port }) => {
    const now = Date.now() + ahead_ms;
    socket.send(answer(now, now), port, address);
  });
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  closing.push(() => new Promise((resolve) => socket.close(() => resolve())));
  return `127.0.0.1:${socket.address().port}`;
}

describe("the offset of RFC 5905, clause 8", () => {
  test("by the four times of an exchange", () => {
    const { offset_ms, roundTrip_ms } = parseNtpAnswer(answer(1_010_500, 1_010_700), 1_000_000, 1_001_200);
    expect(offset_ms).toBeCloseTo(-10_000, 0);
    expect(roundTrip_ms).toBeCloseTo(1_000, 0);
  });

  test("the timestamp is that of the era that began in 1900, byte by byte", () => {
    // 2026-01-01T00:00:00.500Z: 1767225600 + 2208988800 = 3976214400 = 0xED003780, half a second = 0x80000000.
    expect(Buffer.from(ntpRequest(Date.UTC(2026, 0, 1) + 500).subarray(40)).toString("hex")).toBe(
      "ed00378080000000",
    );
  });

  test("a server that does not know the time itself, or is none, is told apart", () => {
    expect(() => parseNtpAnswer(answer(0, 0, 0xe4), 0, 0)).toThrow("does not know the time itself");
    expect(() => parseNtpAnswer(answer(0, 0, 0x24, 0), 0, 0)).toThrow("does not know the time itself");
    expect(() => parseNtpAnswer(answer(0, 0, 0x23), 0, 0)).toThrow("no NTP server");
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 47 }), (bytes) => {
        expect(() => parseNtpAnswer(bytes, 0, 0)).toThrow(NtpError);
      }),
    );
  });
});

test("the box's clock is compared with the server named", async () => {
  expect(await checkClock(await server(0))).toMatchObject({ check: "clock", status: "ok" });
  const wrong = await checkClock(await server(3_600_000));
  expect(wrong.status).toBe("failed");
  expect(wrong.says.zh).toMatch(/偏差 -3600\.0|偏差 -3599\.9/);
  expect(wrong.advice?.en).toContain("set-ntp");
});

test("a time server that is silent is told", async () => {
  const socket = createSocket("udp4");
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  closing.push(() => new Promise((resolve) => socket.close(() => resolve())));
  await expect(askNtp("127.0.0.1", socket.address().port, 50)).rejects.toThrow(NtpError);
});
