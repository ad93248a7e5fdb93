import { once } from "node:events";
import http from "node:http";
import net, { type AddressInfo } from "node:net";
import { genericOnvif } from "@campus-ops/device-profiles/profiles/camera/generic-onvif";
import { type SimulatedDevice, startSimulator } from "@campus-ops/device-profiles/simulator";
import { soon } from "@campus-ops/service/testing/soon";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { failureOf, valuesOf } from "../testing/driver-outcomes.ts";
import { FollowedSession } from "../testing/followed-session.ts";
import type { DriverError } from "./driver.ts";
import { ONVIF_LIMITS } from "./onvif/soap-client.ts";
import { createOnvifDriver } from "./onvif.ts";

const LOGIN = { username: "admin", secret: `p&a"s<s` };
const limits = { ...ONVIF_LIMITS, pull_ms: 2_000, subscription_ms: 60_000 };
const driver = createOnvifDriver(limits);
/** For cameras that do not answer: a test need not wait as long as a box would. */
const hasty = createOnvifDriver({ ...limits, request_ms: 1_000 });
const never = new AbortController().signal;

const failure = (promise: Promise<unknown> | undefined): Promise<DriverError> =>
  failureOf(promise, LOGIN.secret);

describe("against the simulated camera", () => {
  let clock: number;
  let device: SimulatedDevice;
  const environment = { now: () => clock, pseudonym: (text: string) => text };
  const open = (login: Partial<typeof LOGIN> = LOGIN, by = driver) =>
    by.open({ url: new URL(device.url), ...login }, genericOnvif, environment, never);
  beforeEach(async () => {
    clock = Date.UTC(2026, 8, 1, 8);
    device = await startSimulator(genericOnvif, { ...LOGIN, now: () => clock });
  });
  afterEach(() => device.close());

  test("identifies it, serial number digit by digit", async () => {
    const session = await open();
    expect(valuesOf(await session.identify?.(never))).toEqual({
      "Properties/Vendor": "campus-ops simulator",
      "Properties/Model": genericOnvif.model,
      "Properties/Serial": "20230912345678901234",
      "Properties/Firmware": "1.0",
    });
  });

  test("measures how wrong its clock is, to the second, and logs in all the same", async () => {
    const session = await open();
    expect(valuesOf(await session.poll?.(never))).toEqual({ "Connectivity/ClockOffset": 0 });
    for (const offset of [-28_800, 3_600]) {
      device.set("Connectivity/ClockOffset", offset);
      const measured = valuesOf(await session.poll?.(never))["Connectivity/ClockOffset"];
      expect(Math.abs(Number(measured) - offset)).toBeLessThanOrEqual(0.5);
      expect(await session.identify?.(never)).toBeDefined();
    }
  });

  test("a clock that was set since it was read is read again before a login is given up", async () => {
    const session = await open();
    device.set("Connectivity/ClockOffset", 86_400);
    expect(valuesOf(await session.identify?.(never))["Properties/Serial"]).toBe("20230912345678901234");
  });

  test.each([
    ["a wrong password", { ...LOGIN, secret: "guess" }],
    ["an unknown user", { ...LOGIN, username: "root" }],
    ["no login", {}],
  ])("%s is refused, and not tried again", async (_, login) => {
    const error = await failure(open(login));
    expect([error.kind, error.retry]).toEqual(["login-refused", false]);
  });

  test("takes its picture, with the login that HTTP Digest asks for", async () => {
    const session = await open();
    const first = await session.snapshot?.(never);
    expect([...(first?.subarray(0, 2) ?? [])]).toEqual([0xff, 0xd8]);
    clock += 60_000;
    expect(await session.snapshot?.(never)).not.toEqual(first);
  });

  test("tells every state at first, then each change when it happens, at the camera's time", async () => {
    const session = await open();
    device.set("Video/Tamper", true);
    const follower = new FollowedSession(session);
    expect((await follower.sample("Video/Tamper", true)).eventTime).toBe(clock);
    for (const metric of ["Motion/Active", "Video/Loss", "Video/Tamper"]) {
      for (const value of [true, false, true]) {
        clock += 1_000;
        device.set(metric, !value);
        device.set(metric, value);
        const told = { value, quality: { status: "good" }, eventTime: clock };
        await soon(() => expect(follower.newest(metric)).toMatchObject(told));
      }
    }
    await follower.stop();
  });

  test("corrects the time of an event by the clock's offset", async () => {
    device.set("Connectivity/ClockOffset", -28_800);
    const session = await open();
    const follower = new FollowedSession(session);
    await follower.sample("Motion/Active", false);
    device.set("Motion/Active", true);
    const { eventTime, quality } = await follower.sample("Motion/Active", true);
    expect(Math.abs(eventTime - clock)).toBeLessThanOrEqual(500);
    expect(quality).toEqual({ status: "good" });
    await follower.stop();
  });

  test("renews its pull point: events still come when the first lifetime is long over", async () => {
    // So short that it is renewed after every pull.
    const brisk = createOnvifDriver({ ...limits, subscription_ms: 1_000 });
    const session = await brisk.open(
      { url: new URL(device.url), ...LOGIN },
      genericOnvif,
      environment,
      never,
    );
    const follower = new FollowedSession(session);
    await follower.sample("Motion/Active", false);
    for (let i = 0; i < 8; i++) {
      clock += 400;
      device.set("Motion/Active", i % 2 === 0);
      await follower.sample("Motion/Active", i % 2 === 0);
    }
    await follower.stop();
  });

  test("a pull point that has expired ends the subscription, and a new one tells the state", async () => {
    const session = await open();
    const lost = new FollowedSession(session);
    await lost.sample("Motion/Active", false);
    clock += limits.subscription_ms + 1;
    device.set("Motion/Active", true);
    const error = await failure(lost.ended);
    expect([error.kind, error.retry]).toEqual(["device-exception", true]);
    const again = new FollowedSession(session);
    expect((await again.sample("Motion/Active", true)).quality).toEqual({ status: "good" });
    await again.stop();
  });

  test.each([
    ["down", "unreachable", undefined],
    ["hang", "timeout", hasty],
    ["garbage", "garbage", undefined],
  ] as const)(
    "a camera that is %s gives the error %s, its events end, and both mend",
    async (fault, kind, driver) => {
      const session = await open(LOGIN, driver);
      const follower = new FollowedSession(session);
      await follower.sample("Motion/Active", false);
      await device.fault(fault);
      for (const asked of [session.poll?.(never), session.identify?.(never), session.snapshot?.(never)]) {
        const error = await failure(asked);
        expect([error.kind, error.retry]).toEqual([kind, true]);
      }
      expect((await failure(follower.ended)).retry).toBe(true);
      await device.fault(null);
      expect(valuesOf(await session.poll?.(never))).toEqual({ "Connectivity/ClockOffset": 0 });
      const again = new FollowedSession(session);
      await again.sample("Motion/Active", false);
      await again.stop();
    },
  );

  test("a nonce that is called stale is replaced, and counts as no wrong password", async () => {
    await device.fault("stale-nonce");
    const session = await open();
    expect(valuesOf(await session.identify?.(never))["Properties/Firmware"]).toBe("1.0");
    expect([...((await session.snapshot?.(never))?.subarray(0, 2) ?? [])]).toEqual([0xff, 0xd8]);
    const error = await failure(open({ ...LOGIN, secret: "guess" }));
    expect([error.kind, error.retry]).toEqual(["login-refused", false]);
  });

  test("answers that come byte by byte are read whole, pictures and events too", async () => {
    await device.fault("fragmented");
    const session = await open();
    const follower = new FollowedSession(session);
    await follower.sample("Motion/Active", false);
    device.set("Motion/Active", true);
    await follower.sample("Motion/Active", true);
    await follower.stop();
  });

  test("an answer that comes too late is given up, and taken for no other's", async () => {
    const session = await open({ ...LOGIN }, hasty);
    await device.fault("late-replies");
    device.set("Connectivity/ClockOffset", 600);
    // Each is answered when the next has been asked, and its own connection is closed by then.
    for (let turn = 0; turn < 2; turn += 1) {
      const error = await failure(session.poll?.(never));
      expect([error.kind, error.retry]).toEqual(["timeout", true]);
    }
    await device.fault(null);
    const { "Connectivity/ClockOffset": offset } = valuesOf(await session.poll?.(never));
    expect(Math.abs(Number(offset) - 600)).toBeLessThanOrEqual(0.5);
  });

  test("an aborted question ends at once with its own reason", async () => {
    const session = await open();
    await device.fault("hang");
    const controller = new AbortController();
    const asked = session.poll?.(controller.signal);
    controller.abort(new Error("enough"));
    await expect(asked).rejects.toThrow("enough");
  });
});

describe("against a hostile camera", () => {
  const environment = { now: Date.now, pseudonym: (text: string) => text };
  const soap = (body: string) => `<Envelope><Body>${body}</Body></Envelope>`;
  const clock =
    "<GetSystemDateAndTimeResponse><SystemDateAndTime><UTCDateTime><Time><Hour>8</Hour><Minute>0</Minute>" +
    "<Second>0</Second></Time><Date><Year>2026</Year><Month>9</Month><Day>1</Day></Date></UTCDateTime>" +
    "</SystemDateAndTime></GetSystemDateAndTimeResponse>";
  const answers = {
    GetSystemDateAndTime: soap(clock),
    GetDeviceInformation: soap(
      "<GetDeviceInformationResponse><Model>x</Model></GetDeviceInformationResponse>",
    ),
    // The address is that of another network: the camera is asked where it was found.
    GetCapabilities: soap(
      "<GetCapabilitiesResponse><Capabilities><Events><XAddr>http://192.0.2.1/events</XAddr></Events>" +
        "<Media><XAddr>http://192.0.2.1/media</XAddr></Media></Capabilities></GetCapabilitiesResponse>",
    ),
    GetProfiles: soap(`<GetProfilesResponse><Profiles token="1.0"/></GetProfilesResponse>`),
    GetSnapshotUri: soap(
      "<GetSnapshotUriResponse><MediaUri><Uri>/picture</Uri></MediaUri></GetSnapshotUriResponse>",
    ),
    CreatePullPointSubscription: soap(
      "<CreatePullPointSubscriptionResponse><SubscriptionReference><Address>http://192.0.2.1/pull</Address>" +
        "</SubscriptionReference></CreatePullPointSubscriptionResponse>",
    ),
    SetSynchronizationPoint: soap("<SetSynchronizationPointResponse/>"),
    PullMessages: soap("<PullMessagesResponse/>"),
  };

  let server: http.Server | undefined;
  afterEach(() => {
    server?.close();
    server?.closeAllConnections();
  });

  /** A camera that answers each operation with a text, and counts how often it is asked. */
  async function start(overrides: Partial<Record<keyof typeof answers | "picture", string>>) {
    const asked: string[] = [];
    const bodies: string[] = [];
    server = http.createServer(async (request, response) => {
      let body = "";
      for await (const chunk of request) body += String(chunk);
      const operation = /<s:Body><(\w+)/.exec(body)?.[1] ?? "picture";
      asked.push(operation);
      bodies.push(body);
      response.end(new Map(Object.entries({ ...answers, ...overrides })).get(operation) ?? "");
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/onvif/device_service`);
    return { asked, bodies, open: () => driver.open({ url, ...LOGIN }, genericOnvif, environment, never) };
  }

  const fault = (code: string) =>
    soap(`<Fault><Code><Value>s:Receiver</Value><Subcode><Value>${code}</Value></Subcode></Code></Fault>`);

  test.each([
    ["malformed XML", "<a><b></a>"],
    ["an entity bomb", `<!DOCTYPE a [<!ENTITY b "bbbbbbbb">]>${soap("<a>&b;&b;</a>")}`],
    ["a web page", "<html><body>Login</body></html>"],
    ["nothing", ""],
    ["an answer without end", `<a>${"x".repeat(2_000_000)}</a>`],
    ["an answer to something else", soap("<Other/>")],
  ])("%s in place of the device information is garbage", async (_, document) => {
    const camera = await start({ GetDeviceInformation: document });
    const error = await failure(camera.open());
    expect([error.kind, error.retry]).toEqual(["garbage", true]);
  });

  test("a fault on CreatePullPointSubscription ends the subscription at once, after one attempt", async () => {
    const camera = await start({ CreatePullPointSubscription: fault("ter:Busy") });
    const error = await failure((await camera.open()).subscribe?.(() => undefined, never));
    expect([error.kind, error.retry]).toEqual(["device-exception", true]);
    expect(camera.asked.filter((each) => each === "CreatePullPointSubscription")).toHaveLength(1);
  });

  test("a fault on PullMessages ends it too, after one attempt", async () => {
    const camera = await start({ PullMessages: fault("ter:Busy") });
    const error = await failure((await camera.open()).subscribe?.(() => undefined, never));
    expect(error.kind).toBe("device-exception");
    expect(camera.asked.filter((each) => each === "PullMessages")).toHaveLength(1);
  });

  test("a camera that answers empty pulls at once is not asked in a storm", async () => {
    const camera = await start({});
    const controller = new AbortController();
    const session = await camera.open();
    const subscribed = session.subscribe?.(() => undefined, controller.signal);
    while (!camera.asked.includes("PullMessages")) await once(server ?? new http.Server(), "request");
    // A storm would bring a pull for each of these questions.
    for (let i = 0; i < 50; i++) await session.poll?.(never);
    controller.abort();
    await subscribed;
    expect(camera.asked.filter((each) => each === "PullMessages").length).toBeLessThan(10);
  });

  test("a camera without SetSynchronizationPoint is followed all the same", async () => {
    const camera = await start({
      SetSynchronizationPoint: fault("ter:ActionNotSupported"),
      PullMessages: soap(
        `<PullMessagesResponse><NotificationMessage><Topic>tns1:VideoSource/MotionAlarm</Topic><Message>` +
          `<Message PropertyOperation="Initialized"><Data><SimpleItem Name="State" Value="true"/></Data></Message>` +
          `</Message></NotificationMessage></PullMessagesResponse>`,
      ),
    });
    const follower = new FollowedSession(await camera.open());
    await follower.sample("Motion/Active", true);
    await follower.stop();
  });

  test("what a camera tells its pull points apart by is sent back to it", async () => {
    const camera = await start({
      CreatePullPointSubscription: soap(
        `<CreatePullPointSubscriptionResponse><SubscriptionReference><Address>/pull</Address><a:ReferenceParameters ` +
          `xmlns:a="http://www.w3.org/2005/08/addressing" xmlns:x="http://www.axis.com/2009/event">` +
          `<x:SubscriptionId>0&amp;7</x:SubscriptionId></a:ReferenceParameters></SubscriptionReference>` +
          `</CreatePullPointSubscriptionResponse>`,
      ),
      PullMessages: fault("ter:Busy"),
    });
    await failure((await camera.open()).subscribe?.(() => undefined, never));
    const pull = camera.bodies.find((body) => body.includes("<PullMessages")) ?? "";
    expect(pull.slice(0, pull.indexOf("</s:Header>"))).toContain(
      `<SubscriptionId xmlns="http://www.axis.com/2009/event" wsa:IsReferenceParameter="true">0&amp;7</SubscriptionId>`,
    );
  });

  test.each([
    "rtsp://192.0.2.1/pull",
    "http://192.0.2.1//192.0.2.2/pull",
    "ftp://127.0.0.1/pull",
    "//192.0.2.3/pull",
  ])("a pull point at %s is asked of the camera itself, and of nobody else", async (address) => {
    const camera = await start({
      CreatePullPointSubscription: soap(
        `<CreatePullPointSubscriptionResponse><SubscriptionReference><Address>${address}</Address>` +
          `</SubscriptionReference></CreatePullPointSubscriptionResponse>`,
      ),
      PullMessages: fault("ter:Busy"),
    });
    const error = await failure((await camera.open()).subscribe?.(() => undefined, never));
    expect(error.kind).toBe("device-exception");
    expect(camera.asked).toContain("PullMessages");
  });

  test("a page in place of the picture is garbage, and a camera without one says so", async () => {
    const page = await start({ picture: "<html>Login</html>" });
    expect((await failure((await page.open()).snapshot?.(never))).kind).toBe("garbage");
    const blind = await start({ GetProfiles: soap("<GetProfilesResponse/>") });
    const error = await failure((await blind.open()).snapshot?.(never));
    expect([error.kind, error.retry]).toEqual(["unsupported", false]);
  });

  test("a server that speaks no HTTP is garbage", async () => {
    const stranger = net.createServer((socket) =>
      socket.on("error", () => undefined).end("SSH-2.0-OpenSSH_9.2\r\n"),
    );
    stranger.listen(0, "127.0.0.1");
    await once(stranger, "listening");
    const url = new URL(`http://127.0.0.1:${(stranger.address() as AddressInfo).port}/`);
    const error = await failure(driver.open({ url }, genericOnvif, environment, never));
    expect([error.kind, error.retry]).toEqual(["garbage", true]);
    stranger.close();
  });

  test("an address of another protocol cannot be used", async () => {
    const url = new URL("rtsp://127.0.0.1/");
    const error = await failure(driver.open({ url }, genericOnvif, environment, never));
    expect([error.kind, error.retry]).toEqual(["unsupported", false]);
  });
});
