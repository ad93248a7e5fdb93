import { createRequire } from "node:module";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encodeProtobuf, ProtobufError, protobufFields } from "../codecs/protobuf.ts";
import { formatDownlink, marshalerOf, parseStatus, parseUplink } from "./chirpstack-messages.ts";
import { SourceMessageError } from "./source-message.ts";

// ChirpStack's own messages judge ours. It is CommonJS, and named by its files.
const require = createRequire(import.meta.url);
const { DownlinkCommand, StatusEvent, UplinkEvent } =
  require("@chirpstack/chirpstack-api/integration/integration_pb") as typeof import("@chirpstack/chirpstack-api/integration/integration_pb.js");
const { UplinkRxInfo } =
  require("@chirpstack/chirpstack-api/gw/gw_pb") as typeof import("@chirpstack/chirpstack-api/gw/gw_pb.js");
const ID = "3ac7e3c4-4401-4b8d-9386-a5c902f9202d";
const TIME = Date.UTC(2026, 8, 1, 0, 59, 58, 775);

/** A `google.protobuf.Timestamp`, whose class has no types here. */
const timestamp = (time: number) => {
  const fields = encodeProtobuf([
    [1, Math.floor(time / 1_000)],
    [2, (time % 1_000) * 1e6 + 23_242],
  ]);
  return UplinkEvent.deserializeBinary(encodeProtobuf([[2, fields]])).getTime();
};

function uplink(
  data: Uint8Array,
  heard: readonly { readonly rssi: number; readonly snr: number }[],
): Uint8Array {
  const event = new UplinkEvent();
  event.setDeduplicationId(ID);
  event.setTime(timestamp(TIME));
  event.setFCnt(4);
  event.setFPort(85);
  event.setData(data);
  event.setRxInfoList(
    heard.map(({ rssi, snr }) => {
      const gateway = new UplinkRxInfo();
      gateway.setGatewayId("0016c001f153a14c");
      gateway.setRssi(rssi);
      gateway.setSnr(snr);
      return gateway;
    }),
  );
  return event.serializeBinary();
}

describe("what ChirpStack's API writes in Protocol Buffers is read", () => {
  test("any uplink", () => {
    const gateway = fc.record({
      rssi: fc.integer({ min: -160, max: 20 }),
      snr: fc.integer({ min: -80, max: 60 }).map((quarters) => quarters / 4),
    });
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 242 }), fc.array(gateway, { maxLength: 4 }), (data, heard) => {
        const message = uplink(data, heard);
        expect(marshalerOf(message)).toBe("protobuf");
        const read = parseUplink(message);
        expect({ ...read, data: [...read.data] }).toEqual({
          deduplicationId: ID,
          time: TIME,
          data: [...data],
          heard,
        });
      }),
    );
  });

  test("a status with a battery, and with none", () => {
    const status = new StatusEvent();
    status.setDeduplicationId(ID);
    status.setTime(timestamp(TIME));
    status.setMargin(-3);
    status.setBatteryLevel(88.5);
    expect(parseStatus(status.serializeBinary())).toEqual({
      deduplicationId: ID,
      time: TIME,
      batteryLevel: 88.5,
    });
    status.setExternalPowerSource(true);
    expect(parseStatus(status.serializeBinary()).batteryLevel).toBeUndefined();
    status.setExternalPowerSource(false);
    status.setBatteryLevelUnavailable(true);
    expect(parseStatus(status.serializeBinary()).batteryLevel).toBeUndefined();
  });
});

test("ChirpStack's API reads the commands that are written for it", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 242 }), fc.integer({ min: 1, max: 223 }), (data, fPort) => {
      const command = { devEui: "24e124136b502217", fPort, data };
      const read = DownlinkCommand.deserializeBinary(formatDownlink(command, "protobuf"));
      expect([read.getDevEui(), read.getConfirmed(), read.getFPort()]).toEqual([command.devEui, true, fPort]);
      expect([...read.getData_asU8()]).toEqual([...data]);
      const json = JSON.parse(new TextDecoder().decode(formatDownlink(command, "json"))) as { data: string };
      expect(json).toMatchObject({ devEui: command.devEui, confirmed: true, fPort });
      expect(json.data).toBe(Buffer.from(data).toString("base64"));
    }),
  );
});

describe("what is broken", () => {
  test("is this one error, wherever it is cut and whatever the bytes are", () => {
    const whole = uplink(Uint8Array.of(1, 2, 3), [{ rssi: -57, snr: 7.25 }]);
    const damaged = fc.oneof(
      fc.nat(whole.length).map((length) => whole.subarray(0, length)),
      fc.uint8Array({ maxLength: 60 }),
      fc.tuple(fc.nat(whole.length - 1), fc.nat(255)).map(([at, byte]) => whole.with(at, byte)),
    );
    fc.assert(
      fc.property(damaged, (message) => {
        for (const parse of [parseUplink, parseStatus]) {
          try {
            parse(message);
          } catch (error) {
            expect(error).toBeInstanceOf(SourceMessageError);
          }
        }
      }),
      { numRuns: 500 },
    );
    expect(() => parseUplink(new Uint8Array())).toThrow("without deduplicationId");
    expect(() => parseUplink(whole.subarray(0, -1))).toThrow("ends inside a field");
  });

  test.each([
    ["a number that never ends", [0x08, ...Array<number>(11).fill(0x80)], "a number of more than 10 bytes"],
    ["a number cut off", [0x08, 0x80], "the message ends inside a number"],
    ["a group", [0x0b], "wire type 3"],
    ["field zero", [0x00, 0x00], "a field without a number"],
  ])("%s", (_, bytes, why) => {
    expect(() => [...protobufFields(Uint8Array.from(bytes))]).toThrow(new ProtobufError(why));
  });
});

test("JSON is known by its brace, with white space before it too, and is not taken for the other", () => {
  expect(marshalerOf(new TextEncoder().encode(' \n{"a":1}'))).toBe("json");
  expect(marshalerOf(encodeProtobuf([[1, new TextEncoder().encode(ID)]]))).toBe("protobuf");
});
