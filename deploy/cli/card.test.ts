import { spawn } from "node:child_process";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { cardLines, cardOf } from "./card.ts";

const MAIN = join(import.meta.dirname, "main.ts");
const VIRTUAL_CARD = join(import.meta.dirname, "testing/virtual-card.ts");

const received = (status: string, dump: string) =>
  `Sending: FF CA 00 00 00 \nReceived (SW1=0x${status}, SW2=0x00):\n${dump}\n`;

describe("a card on a desk reader", () => {
  test("is told in every way its number is written", () => {
    const card = cardOf(received("90", "04 A1 B2 C3 ...."));
    expect(card).toEqual({
      canonical: "04a1b2c3",
      hexReversed: "c3b2a104",
      decimal: "0077705923",
      decimalReversed: "3283263748",
    });
    expect(cardLines(card, "zh")[0]).toBe("卡号: 04a1b2c3");
  });

  test("of seven bytes has no decimal number, and text that looks like hex is not taken for bytes", () => {
    expect(cardOf(received("90", "41 42 20 44 AB D")).canonical).toBe("41422044");
    expect(cardOf(received("90", "04 A1 B2 C3 D4 E5 F6 ......."))).toEqual({
      canonical: "04a1b2c3d4e5f6",
      hexReversed: "f6e5d4c3b2a104",
    });
  });

  test("that tells no number, or a reader that says nonsense, is said with what to do", () => {
    expect(() => cardOf(received("6D", ""))).toThrow("contactless side");
    expect(() => cardOf("no readers")).toThrow("try another card");
  });

  test.each(["lies", "comes"])(
    "is read through PC/SC when it %s: pcscd, a virtual reader, and a card on it",
    async (manner) => {
      const script = [
        "mkdir -p /run/pcscd && mount -t tmpfs tmpfs /run/pcscd && ip link set lo up",
        "pcscd --foreground >/dev/null 2>&1 &",
        'daemon=$!; "$0" "$@"; code=$?; kill $daemon; wait $daemon; exit $code',
      ].join("\n");
      const inside = [
        process.execPath,
        VIRTUAL_CARD,
        "04a1b2c3",
        manner,
        process.execPath,
        MAIN,
        "card",
        "--json",
      ];
      const child = spawn("unshare", ["--net", "--mount", "bash", "-c", script, ...inside], {
        stdio: ["ignore", "pipe", "pipe"],
      });
      let said = "";
      let complained = "";
      child.stdout.on("data", (chunk: Buffer) => (said += chunk.toString()));
      child.stderr.on("data", (chunk: Buffer) => (complained += chunk.toString()));
      const code = await new Promise((resolve) => child.once("close", resolve));
      expect(code, complained).toBe(0);
      expect(JSON.parse(said)).toMatchObject({ canonical: "04a1b2c3", decimal: "0077705923" });
    },
  );
});
