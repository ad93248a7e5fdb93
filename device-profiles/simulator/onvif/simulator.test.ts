import { createHash } from "node:crypto";
import { promisify } from "node:util";
import jpeg from "jpeg-js";
import { Cam, type PeerMessage } from "onvif";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createPullPointSubscription, envelope, getDeviceInformation } from "../../codecs/onvif-requests.ts";
import { genericOnvif } from "../../profiles/camera/generic-onvif.ts";
import type { SimulatedDevice } from "../simulated-device.ts";
import { PULL_POINTS_MAX } from "./pull-points.ts";
import { startOnvifSimulator } from "./simulator.ts";

const LOGIN = { username: "admin", secret: "correct horse" };

let device: SimulatedDevice;
beforeEach(async () => {
  device = await startOnvifSimulator(genericOnvif, LOGIN);
});
afterEach(() => device.close());

describe("with the npm package onvif as its client", () => {
  let camera: Cam;
  beforeEach(async () => {
    const { hostname, port } = new URL(device.url);
    const { username, secret } = LOGIN;
    camera = new Cam({
      hostname,
      port: Number(port),
      username,
      password: secret,
      timeout: 5_000,
      autoconnect: false,
    });
    await promisify(camera.connect.bind(camera))();
  });

  test("it tells what it is and where its picture is", async () => {
    const information = await promisify(camera.getDeviceInformation.bind(camera))();
    expect(information).toMatchObject({ manufacturer: "campus-ops simulator", model: genericOnvif.model });
    const { uri } = await promisify(camera.getSnapshotUri.bind(camera))({ profileToken: "1.0" });
    expect(uri).toBe(`${new URL(device.url).origin}/snapshot.jpg?profile=1.0`);
  });

  test("it tells its clock, right or wrong", async () => {
    const read = promisify(camera.getSystemDateAndTime.bind(camera));
    device.set("Connectivity/ClockOffset", -86_400);
    expect(Date.now() - (await read()).getTime()).toBeGreaterThan(86_000_000);
  });

  test("it holds a pull until something moves, then tells every state and each change", async () => {
    await promisify(camera.createPullPointSubscription.bind(camera))();
    const pull = async (): Promise<unknown[]> => {
      const answer = await promisify(camera.pullMessages.bind(camera))({
        timeout: "PT30S",
        messageLimit: 10,
      });
      return [answer.notificationMessage ?? []].flat().map(({ topic, message }: PeerMessage) => {
        const { $, data } = message.message;
        return [topic._, $.PropertyOperation, data.simpleItem.$.Value];
      });
    };
    expect(await pull()).toEqual([
      ["tns1:VideoSource/MotionAlarm", "Initialized", false],
      ["tns1:VideoSource/SignalLoss", "Initialized", false],
      ["tns1:VideoSource/GlobalSceneChange/ImagingService", "Initialized", false],
    ]);
    const waiting = pull();
    device.set("Video/Loss", true);
    expect(await waiting).toEqual([["tns1:VideoSource/SignalLoss", "Changed", true]]);

    const { terminationTime } = await promisify(camera.renew.bind(camera))({});
    expect(terminationTime).toBeDefined();
    await promisify(camera.unsubscribe.bind(camera))();
    await expect(pull()).rejects.toThrow();
  });
});

async function post(document: string): Promise<{ status: number; text: string }> {
  const answer = await fetch(device.url, { method: "POST", body: document });
  return { status: answer.status, text: await answer.text() };
}

function login(
  password: string,
  created = new Date().toISOString(),
  nonce = Buffer.from(`${Math.random()}`),
) {
  const digest = createHash("sha1").update(nonce).update(created).update(password).digest("base64");
  return { username: "admin", created, digest, nonce: nonce.toString("base64") };
}

describe("a login", () => {
  test("is refused when the password is wrong, there is none, or it was made long ago", async () => {
    const tokens = [undefined, login("wrong"), login(LOGIN.secret, "2020-01-01T00:00:00Z")];
    for (const token of tokens) {
      const { status, text } = await post(envelope(getDeviceInformation, token));
      expect([status, text.includes("ter:NotAuthorized")]).toEqual([400, true]);
    }
  });

  test("is good once: a recorded request is refused", async () => {
    const request = envelope(getDeviceInformation, login(LOGIN.secret));
    expect((await post(request)).text).toContain("20230912345678901234");
    expect((await post(request)).text).toContain("ter:NotAuthorized");
  });

  test("is asked for before the picture is given", async () => {
    const answer = await fetch(`${new URL(device.url).origin}/snapshot.jpg`);
    expect(answer.status).toBe(401);
    expect(answer.headers.get("www-authenticate")).toMatch(/^Digest .*SHA-256, Digest .*MD5$/);
  });
});

test("the picture is a JPEG that shows the time, and nothing without a signal", async () => {
  let clock = 1_788_220_800_000;
  const open = await startOnvifSimulator(genericOnvif, { now: () => clock });
  const look = async () => {
    const answer = await fetch(`${new URL(open.url).origin}/snapshot.jpg`);
    return jpeg.decode(new Uint8Array(await answer.arrayBuffer()), { formatAsRGBA: false });
  };
  const first = await look();
  expect([first.width, first.height]).toEqual([320, 180]);
  // Thirty-two bars along the top spell the second, the highest bit first.
  const bars = Array.from({ length: 32 }, (_, bit) =>
    (first.data[(4 * 320 + bit * 10 + 5) * 3] ?? 0) > 127 ? 1 : 0,
  );
  expect(Number.parseInt(bars.join(""), 2)).toBe(clock / 1000);
  clock += 5_000;
  expect(Buffer.compare(first.data, (await look()).data)).not.toBe(0);
  open.set("Video/Loss", true);
  expect((await look()).data.every((channel) => channel < 8)).toBe(true);
  await open.close();
});

test("requests that make no sense get a fault, and the camera goes on", async () => {
  for (const document of [
    "",
    "<a>",
    "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
    "<s:Envelope/>",
    "x".repeat(2_000_000),
  ]) {
    expect((await post(document)).status).toBe(400);
  }
  const unknown = { action: "x", body: "<constructor_/>" };
  expect((await post(envelope(unknown, login(LOGIN.secret)))).text).toContain("ter:ActionNotSupported");
});

test("pull points are few: one too many is refused until another ends", async () => {
  let clock = Date.now();
  const open = await startOnvifSimulator(genericOnvif, { now: () => clock });
  const create = async () => {
    const body = envelope(createPullPointSubscription(60_000), undefined);
    return (await fetch(open.url, { method: "POST", body })).text();
  };
  for (let i = 0; i < PULL_POINTS_MAX; i++) expect(await create()).toContain("SubscriptionReference");
  expect(await create()).toContain("UnableToCreatePullPointFault");
  clock += 60_001;
  expect(await create()).toContain("SubscriptionReference");
  await open.close();
});

test("a metric the camera has not is a mistake of whoever drives it", () => {
  expect(() => device.set("Door/Open", true)).toThrow(RangeError);
  expect(() => device.get("Door/Open")).toThrow(RangeError);
  expect(() => device.raise("Access/Swipe", {})).toThrow(RangeError);
});
