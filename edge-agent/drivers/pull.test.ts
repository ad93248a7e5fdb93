import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { genericBroadcastStatus } from "@campus-ops/device-profiles/profiles/broadcast/generic-json-status";
import { genericAttendanceCsv } from "@campus-ops/device-profiles/profiles/card-reader/generic-attendance-csv";
import type { PullProfile } from "@campus-ops/device-profiles/profiles/pull-profile";
import {
  type SimulatedDevice,
  type SimulatorOptions,
  startSimulator,
} from "@campus-ops/device-profiles/simulator";
import type { Reading } from "@campus-ops/device-profiles/vocabulary";
import { afterEach, describe, expect, test } from "vitest";
import { patience, TEST_ENVIRONMENT } from "../testing/followed-session.ts";
import type { DeviceTarget } from "./driver.ts";
import { pullDriver } from "./pull.ts";

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function start(profile: PullProfile, options: SimulatorOptions = {}): Promise<SimulatedDevice> {
  const device = await startSimulator(profile, options);
  cleanups.push(() => device.close());
  return device;
}

async function open(
  profile: PullProfile,
  url: string,
  { cursor, ...login }: Omit<DeviceTarget, "url"> & { readonly cursor?: string } = {},
): Promise<() => Promise<Reading>> {
  const environment = { ...TEST_ENVIRONMENT, ...(cursor === undefined ? {} : { cursor }) };
  const session = await pullDriver.open({ url: new URL(url), ...login }, profile, environment, patience());
  return async () => (await session.poll?.(patience())) ?? { samples: [], events: [] };
}

const SWIPE = { credential: "0012345678", result: "granted", direction: "in" };

describe("an attendance file", () => {
  test("brings each record once, and goes on where an earlier agent stopped", async () => {
    const system = await start(genericAttendanceCsv);
    system.raise("Access/Swipe", SWIPE);
    system.raise("Access/Swipe", { ...SWIPE, direction: "out" });
    const poll = await open(genericAttendanceCsv, system.url);
    const first = await poll();
    expect(first.events).toMatchObject([
      {
        id: expect.stringMatching(/^1 /),
        fields: { serial: 1, credential: "pseudonym of 0012345678", result: "granted", direction: "in" },
      },
      { id: expect.stringMatching(/^2 /), fields: { direction: "out" } },
    ]);
    expect(first.cursor).toBe("2");
    expect((await poll()).events).toEqual([]);
    system.raise("Access/Swipe", SWIPE);
    expect((await poll()).events.map(({ id }) => id)).toEqual([expect.stringMatching(/^3 /)]);
    const later = await open(genericAttendanceCsv, system.url, { cursor: "2" });
    expect((await later()).events.map(({ id }) => id)).toEqual([expect.stringMatching(/^3 /)]);
  });

  test("whose numbers begin anew is read from its beginning", async () => {
    const system = await start(genericAttendanceCsv);
    for (let count = 0; count < 3; count += 1) system.raise("Access/Swipe", SWIPE);
    const poll = await open(genericAttendanceCsv, system.url);
    expect((await poll()).cursor).toBe("3");
    await system.fault("counter-reset");
    system.raise("Access/Swipe", SWIPE);
    expect(await poll()).toMatchObject({ events: [{ id: expect.stringMatching(/^1 /) }], cursor: "1" });
  });

  test("in GB18030, called UTF-8, is understood", async () => {
    const system = await start(genericAttendanceCsv);
    await system.fault("mislabelled-text");
    system.raise("Access/Swipe", SWIPE);
    expect((await (await open(genericAttendanceCsv, system.url))()).events).toMatchObject([
      { fields: { direction: "in", result: "granted" } },
    ]);
  });

  test.each(["clock-1970", "clock-ahead"] as const)(
    "with %s keeps its records, and says that their time is doubtful",
    async (fault) => {
      const system = await start(genericAttendanceCsv);
      await system.fault(fault);
      system.raise("Access/Swipe", SWIPE);
      const { events } = await (await open(genericAttendanceCsv, system.url))();
      expect(events).toMatchObject([{ quality: { status: "uncertain", reason: "device-clock" } }]);
      expect(Math.abs((events[0]?.eventTime ?? 0) - Date.now())).toBeLessThan(60_000);
    },
  );

  test("with a word that nobody knows tells the record, and that it is bad", async () => {
    const url = await serve((_, response) =>
      response.end("流水号,时间,卡号,结果,方向\r\n5,2026-09-01 08:00:00,1,也许,进\r\n"),
    );
    const { events } = await (await open(genericAttendanceCsv, url))();
    expect(events).toMatchObject([
      {
        id: expect.stringMatching(/^5 /),
        quality: { status: "bad", reason: "out-of-range" },
        fields: { result: null, direction: "in" },
      },
    ]);
  });
});

describe("a status at an address", () => {
  test("is read each time, and costs nothing when it has not changed", async () => {
    const statuses: number[] = [];
    let isPlaying = false;
    const url = await serve((request, response) => {
      const etag = `"${isPlaying}"`;
      const status = request.headers["if-none-match"] === etag ? 304 : 200;
      statuses.push(status);
      response
        .writeHead(status, { etag })
        .end(status === 200 ? JSON.stringify({ playing: isPlaying }) : undefined);
    });
    const poll = await open(genericBroadcastStatus, url);
    const playing = async () =>
      (await poll()).samples.find(({ metric }) => metric === "Broadcast/Playing")?.value;
    expect(await playing()).toBe(false);
    expect(await playing()).toBeUndefined();
    isPlaying = true;
    expect(await playing()).toBe(true);
    expect(statuses).toEqual([200, 304, 200]);
  });

  test("without a reading has none", async () => {
    const system = await start(genericBroadcastStatus);
    await system.fault("sentinel");
    const { samples } = await (await open(genericBroadcastStatus, system.url))();
    expect(samples.find(({ metric }) => metric === "Broadcast/Playing")).toMatchObject({
      value: null,
      quality: { reason: "not-read" },
    });
  });

  test("is asked for what is later than the cursor, where the system can tell", async () => {
    const asked: (string | null)[] = [];
    const url = await serve((request, response) => {
      const since = new URL(request.url ?? "", "http://x").searchParams.get("since");
      asked.push(since);
      response.end(JSON.stringify({ data: since === null ? [{ n: 9, playing: true }] : [] }));
    });
    const profile: PullProfile = {
      ...genericBroadcastStatus,
      records: "data",
      cursor: { path: "n", query: "since" },
    };
    const poll = await open(profile, url);
    expect((await poll()).cursor).toBe("9");
    expect((await poll()).cursor).toBe("9");
    expect(asked).toEqual([null, "9"]);
  });
});

describe("the system behind the address", () => {
  test("lets us in with the right login only, and a wrong one is not tried again", async () => {
    const basic = await start(genericBroadcastStatus, { username: "box", secret: "right" });
    await open(genericBroadcastStatus, basic.url, { username: "box", secret: "right" });
    const refused = { kind: "login-refused", retry: false };
    await expect(
      open(genericBroadcastStatus, basic.url, { username: "box", secret: "wrong" }),
    ).rejects.toMatchObject(refused);
    const bearer = await start(genericBroadcastStatus, { secret: "token" });
    const poll = await open(genericBroadcastStatus, bearer.url, { secret: "token" });
    await poll();
    await bearer.fault("lockout");
    await expect(poll()).rejects.toMatchObject(refused);
  });

  test("broken in each way it says so, and it is back once it is mended", async () => {
    const system = await start(genericBroadcastStatus);
    const poll = await open(genericBroadcastStatus, system.url);
    await poll();
    await system.fault("down");
    await expect(poll()).rejects.toMatchObject({ kind: "unreachable", retry: true });
    await system.fault("garbage");
    await expect(poll()).rejects.toMatchObject({ retry: true });
    await system.fault("fragmented");
    expect((await poll()).samples.length).toBeGreaterThan(0);
    await system.fault(null);
    expect((await poll()).samples.length).toBeGreaterThan(0);
  });

  test("that answers with its login page, half a file or an error says so, and nothing is taken from it", async () => {
    for (const body of ["<html>login</html>", "[{", `{"records":7}`]) {
      const url = await serve((_, response) => response.end(body));
      const poll = await open({ ...genericBroadcastStatus, records: "records" }, url);
      await expect(poll()).rejects.toMatchObject({ kind: "garbage", retry: true });
    }
    const url = await serve((_, response) => response.writeHead(500).end());
    await expect(open(genericBroadcastStatus, url)).rejects.toMatchObject({ kind: "device-exception" });
    await expect(open(genericBroadcastStatus, "ftp://127.0.0.1/x")).rejects.toMatchObject({
      kind: "unsupported",
    });
  });
});

async function serve(
  answer: (request: IncomingMessage, response: ServerResponse) => unknown,
): Promise<string> {
  const server: Server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanups.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}
