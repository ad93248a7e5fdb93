import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { createServer as createTlsServer } from "node:tls";
import { int16, int32 } from "@campus-ops/device-profiles/codecs/registers";
import { findProfile, type Profile } from "@campus-ops/device-profiles/profiles";
import { input, type ModbusProfile, numeric } from "@campus-ops/device-profiles/profiles/modbus-profile";
import { type SimulatedDevice, startSimulator } from "@campus-ops/device-profiles/simulator";
import { Aedes, type AuthenticateError } from "aedes";
import { afterEach, describe, expect, test } from "vitest";
import { device, temporaryFolder } from "../testing/test-agent.ts";
import { checkBroker } from "./broker.ts";
import { checkDevice } from "./device.ts";
import { examine } from "./index.ts";
import { checkDisk, checkNames } from "./machine.ts";
import { checkOwnCertificate } from "./own-certificate.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

function profileOf(id: string): Profile {
  const profile = findProfile(id);
  if (profile === undefined) throw new Error(`no profile ${id}`);
  return profile;
}

async function simulated(profile: Profile, options: { secret?: string } = {}): Promise<SimulatedDevice> {
  const played = await startSimulator(profile, options);
  closing.push(() => played.close());
  return played;
}

function folder(): string {
  const made = temporaryFolder();
  closing.push(() => made.remove());
  return made.path;
}

const ROOM = "environment-sensor/generic-room-monitor";

describe("a device", () => {
  test("in order says how much it tells", async () => {
    const room = await simulated(profileOf(ROOM));
    const result = await checkDevice(device("room-1", ROOM, room.url));
    expect(result).toMatchObject({ check: "device", subject: "room-1", status: "ok" });
    expect(result.says.zh).toMatch(/正常：8 个读数/);
  });

  test("that is down, talks rubbish or refuses the login is told apart, with what to do", async () => {
    const room = await simulated(profileOf(ROOM));
    await room.fault("down");
    const down = await checkDevice(device("room-1", ROOM, room.url));
    expect([down.status, down.says.zh]).toEqual(["failed", expect.stringContaining("无法访问")]);
    await room.fault("garbage");
    const garbage = await checkDevice(device("room-1", ROOM, room.url));
    expect([garbage.status, garbage.says.zh]).toEqual(["failed", expect.stringContaining("应答无法解析")]);

    const locked = "projector/generic-pjlink-class-1";
    const projector = await simulated(profileOf(locked), { secret: "right-secret" });
    const settings = device("projector-1", locked, projector.url);
    const refused = await checkDevice({
      ...settings,
      target: { ...settings.target, secret: "wrong-secret" },
    });
    expect(refused.says.en).toContain("refuses user or password");
    expect(refused.advice?.en).toContain("accounts get locked");
    expect(JSON.stringify(refused)).not.toContain("wrong-secret");
  });

  test("with implausible readings is warned of, and of a wrong order of words it says the right one", async () => {
    const profile: ModbusProfile = {
      ...(profileOf(ROOM) as ModbusProfile),
      identity: {},
      points: {
        "Environment/Temperature": input(0, numeric({ codec: int16(), divisor: 10 })),
        "Environment/CO2": input(2, numeric({ codec: int32("CDAB") })),
      },
      atRest: { "Environment/Temperature": 21, "Environment/CO2": 620 },
    };
    const room = await simulated(profile);
    const { points } = profile;
    const swapped = { ...points, "Environment/CO2": input(2, numeric({ codec: int32("ABCD") })) };
    const settings = { ...device("room-1", ROOM, room.url), profile: { ...profile, points: swapped } };
    const result = await checkDevice(settings);
    expect(result.status).toBe("warning");
    expect(result.says.en).toContain("Environment/CO2 = 40632320");
    expect(result.advice?.zh).toContain("Environment/CO2 的字节序可能是 CDAB → 620");
  });

  test("whose clock is wrong is warned of", async () => {
    const id = "camera/generic-onvif";
    const camera = await simulated(profileOf(id));
    camera.set("Connectivity/ClockOffset", 28_800);
    const result = await checkDevice(device("camera-1", id, camera.url));
    expect([result.status, result.says.zh]).toEqual(["warning", "设备时钟偏差 28800 秒"]);
  });
});

describe("the broker", () => {
  async function aedes(listener: "tcp" | "tls", files?: { key: Buffer; cert: Buffer }): Promise<number> {
    const broker = await Aedes.createBroker({
      authenticate: (_client, username, password, done) => {
        if (username === "box" && password?.toString() === "s3cret") done(null, true);
        else done(Object.assign(new Error("no"), { returnCode: 5 }) as AuthenticateError, false);
      },
    });
    const server = files === undefined ? createServer(broker.handle) : createTlsServer(files, broker.handle);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    closing.push(async () => {
      await new Promise<void>((resolve) => broker.close(() => resolve()));
      server.close();
    });
    expect(listener).toBe(files === undefined ? "tcp" : "tls");
    return (server.address() as AddressInfo).port;
  }

  test("is reached and lets the box in, or says which of the two it is not", async () => {
    const url = `mqtt://127.0.0.1:${await aedes("tcp")}`;
    const [ok] = await checkBroker({ url, username: "box", password: "s3cret" });
    expect(ok).toMatchObject({ check: "broker", status: "ok" });
    const [refused] = await checkBroker({ url, username: "box", password: "wrong-one" });
    expect(refused).toMatchObject({ status: "failed", says: { zh: "用户名或密码被拒绝" } });
    expect(JSON.stringify(refused)).not.toContain("wrong-one");
    const [away] = await checkBroker({ url: "mqtt://127.0.0.1:1" });
    expect(away).toMatchObject({ status: "failed", says: { en: "cannot be reached (ECONNREFUSED)" } });
  });

  test("over TLS tells when its certificate ends", async () => {
    const path = folder();
    const [key, cert] = [join(path, "key.pem"), join(path, "cert.pem")];
    const make = (days: number): void => {
      execFileSync(
        "openssl",
        [
          "req",
          "-x509",
          "-newkey",
          "ec",
          "-pkeyopt",
          "ec_paramgen_curve:prime256v1",
          "-nodes",
          "-keyout",
          key,
        ]
          .concat(["-out", cert, "-days", String(days), "-subj", "/CN=localhost"])
          .concat(["-addext", "subjectAltName=IP:127.0.0.1"]),
        { stdio: "ignore" },
      );
    };
    for (const [days, status] of [
      [365, "ok"],
      [10, "warning"],
    ] as const) {
      make(days);
      const port = await aedes("tls", { key: readFileSync(key), cert: readFileSync(cert) });
      const broker = {
        url: `mqtts://127.0.0.1:${port}`,
        username: "box",
        password: "s3cret",
        tls: { caFile: cert },
      };
      const [login, certificate] = await checkBroker(broker);
      expect(login).toMatchObject({ status: "ok" });
      expect(certificate).toMatchObject({ check: "certificate", status });
      expect(certificate?.says.en).toMatch(new RegExp(`ends in ${days - 1}|ends in ${days}`));
    }
  });
});

test("the box's own certificate is in its time, ends soon, or cannot be read", () => {
  const path = folder();
  const own = (name: string) =>
    checkOwnCertificate({ url: "mqtts://hub", tls: { certFile: join(path, name) } });
  for (const [days, status] of [
    ["60", "ok"],
    ["10", "warning"],
  ] as const) {
    const files = ["-keyout", join(path, "key.pem"), "-out", join(path, `${days}.pem`)];
    const request = [
      "req",
      "-x509",
      "-newkey",
      "ed25519",
      "-noenc",
      "-days",
      days,
      "-subj",
      "/CN=qiyun-no1.box-1",
    ];
    execFileSync("openssl", [...request, ...files], { stdio: "pipe" });
    const result = own(`${days}.pem`);
    expect(result).toMatchObject({ check: "certificate", status });
    expect(result?.says.zh).toMatch(/本机证书（qiyun-no1\.box-1）还有 \d+ 天到期/);
    expect(result?.advice === undefined).toBe(status === "ok");
  }
  expect(own("none.pem")).toMatchObject({
    status: "failed",
    advice: { en: expect.stringContaining("--replace") },
  });
  expect(checkOwnCertificate({ url: "mqtt://hub" })).toBeUndefined();
});

test("the disk is enough for the outbox, or not, or not there", async () => {
  const path = folder();
  expect((await checkDisk(path, 1)).status).toBe("ok");
  expect(await checkDisk(path, 2 ** 60)).toMatchObject({ status: "warning" });
  expect((await checkDisk(join(path, "nowhere"), 1)).says.en).toContain("cannot be used");
});

test("names are resolved, addresses need not be, and each only once", async () => {
  const results = await checkNames(["127.0.0.1", "[::1]", "localhost", "localhost", "no-such-host.invalid"]);
  expect(results.map(({ status, subject }) => [subject, status])).toEqual([
    ["localhost", "ok"],
    ["no-such-host.invalid", "failed"],
  ]);
});

describe("an examination", () => {
  const edge = (
    devices: string,
    broker: string,
  ): string => `campus: { id: qiyun-no1, path: 990100/990102/qiyun-no1 }
node: { id: box-1, title: { zh: 边缘盒, en: Edge box } }
broker: { url: "${broker}" }
devices: ${devices}
`;

  test("looks at everything, and tells each result as it is found", async () => {
    const room = await simulated(profileOf(ROOM));
    const path = folder();
    const file = join(path, "edge.yaml");
    const line = (id: string, url: string): string =>
      `{ id: ${id}, profile: ${ROOM}, title: { zh: 室, en: Room }, at: a/1/101, url: "${url}" }`;
    writeFileSync(
      file,
      edge(`[${line("room-1", room.url)}, ${line("room-2", "modbus://127.0.0.1:1")}]`, "mqtt://127.0.0.1:1"),
    );
    const told: string[] = [];
    const results = await examine({
      file,
      dataFolder: path,
      ntp: undefined,
      onResult: ({ check, subject }) => told.push(`${check} ${subject}`),
    });
    expect(results.map(({ check, subject }) => `${check} ${subject}`)).toEqual(told);
    const status = Object.fromEntries(results.map((each) => [each.check + each.subject, each.status]));
    expect(status).toMatchObject({
      [`configuration${file}`]: "ok",
      "brokermqtt://127.0.0.1:1": "failed",
      "deviceroom-1": "ok",
      "deviceroom-2": "failed",
    });
  });

  test("of a file that is not right says every mistake, and asks no device", async () => {
    const path = folder();
    const file = join(path, "edge.yaml");
    writeFileSync(file, edge("[{ id: a }]", "ftp://x"));
    const results = await examine({ file, dataFolder: path, ntp: undefined, onResult: () => undefined });
    const wrong = results.filter(({ check }) => check === "configuration");
    expect(wrong.length).toBeGreaterThan(2);
    expect(wrong.every(({ status }) => status === "failed")).toBe(true);
    expect(results.some(({ check }) => check === "device")).toBe(false);
  });
});
