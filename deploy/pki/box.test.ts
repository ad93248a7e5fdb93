import { randomBytes, X509Certificate } from "node:crypto";
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { TestBroker } from "@campus-ops/broker/testing/server";
import { loadConfiguration } from "@campus-ops/edge-agent/configuration";
import { Connection } from "@campus-ops/edge-agent/connection";
import {
  CertificateRenewal,
  enrolFromSeed,
  identityFiles,
  isSeedWaiting,
  keyIn,
  STATUS_FILE,
} from "@campus-ops/edge-agent/enrolment";
import { createLog } from "@campus-ops/service";
import { soon } from "@campus-ops/service/testing/soon";
import { describe, expect, test } from "vitest";
import { certificateFile } from "./authority.ts";
import { deniedFile, serverFile } from "./configuration.ts";
import { DAY_MS, edgeIdentity, TestEnrolment } from "./testing/test-enrolment.ts";

const log = createLog("box", "silent");

/** Enrols a box whose seed lies in `place`; `mend` is called instead of waiting between attempts. */
async function boot(hub: TestEnrolment, place: string, name: string, mend = (_: number): void => undefined) {
  const configurationFile = join(hub.top, name, "edge.yaml");
  let attempts = 0;
  const pause = async (): Promise<void> => {
    attempts += 1;
    if (attempts > 5) throw new Error("it does not enrol");
    mend(attempts);
  };
  const options = { place, configurationFile, log, random: () => 0, now: () => hub.now, pause };
  const enrolled = await enrolFromSeed(options);
  return { configurationFile, files: identityFiles(configurationFile), attempts, enrolled };
}

const statusIn = (place: string): string => readFileSync(join(place, STATUS_FILE), "utf8");

describe("a box with a seed", () => {
  test("has its certificate, its authority and its configuration, and the token is gone", async () => {
    await using hub = await TestEnrolment.start();
    const token = hub.token();
    const place = hub.seed("stick", hub.seedText(token));
    const { configurationFile, files } = await boot(hub, place, "box");
    expect(loadConfiguration(configurationFile)).toMatchObject({
      campus: "qiyun-no1",
      node: "box-1",
      primaryHost: "hub",
      brokers: [
        { url: "mqtts://127.0.0.1:8883", tls: { certFile: files.identity, caSha256: hub.authority.pin } },
      ],
      enrolment: { url: `https://127.0.0.1:${hub.port}`, pin: hub.authority.pin },
      devices: [],
    });
    expect(statSync(files.identity).mode & 0o777).toBe(0o600);
    expect(existsSync(files.pendingKey)).toBe(false);
    expect(readFileSync(join(place, "edge.conf"), "utf8")).not.toContain(token);
    const status = statusIn(place);
    expect(status).toContain("结果 Result: 已入网 / enrolled");
    expect(status).toContain(`中心 Hub: 127.0.0.1:${hub.port}`);
    expect(isSeedWaiting({ configurationFile, place })).toBe(false);
  });

  test("says what is wrong until somebody has mended it, and then goes on", async () => {
    await using hub = await TestEnrolment.start();
    const place = hub.seed("stick", "");
    rmSync(join(place, "edge.conf"));
    const seen: string[] = [];
    const write = (text: string): void => writeFileSync(join(place, "EDGE.conf.TXT"), text);
    const steps: readonly (() => void)[] = [
      () => write("hub=127.0.0.1\n"),
      () => write(hub.seedText("7ZK3M-9Q0W5-X2Y8R-4T6V1-B0C9D-8")),
      () => write(hub.seedText(hub.token()).replace(hub.authority.pin, "0".repeat(64))),
      () => write(hub.seedText(hub.token())),
    ];
    await boot(hub, place, "box", (attempt) => {
      seen.push(/Code: (.*)\r/.exec(statusIn(place))?.[1] ?? "");
      steps[attempt - 1]?.();
    });
    expect(seen).toEqual(["seed-missing", "seed-invalid", "token-unknown", "pin-mismatch"]);
    expect(statusIn(place)).toContain("enrolled");
  });

  test("that was cut off after the hub had answered asks again with the same key, and gets the same certificate", async () => {
    await using hub = await TestEnrolment.start();
    const place = hub.seed("stick", hub.seedText(hub.token()));
    const seed = readFileSync(join(place, "edge.conf"));
    const first = await boot(hub, place, "box");
    const identity = readFileSync(first.files.identity, "utf8");
    // As the disk was when the power went: the key was kept, nothing else.
    const [key = ""] = identity.split("-----BEGIN CERTIFICATE-----");
    for (const file of [first.files.identity, first.files.authority, first.configurationFile]) rmSync(file);
    writeFileSync(first.files.pendingKey, key);
    writeFileSync(join(place, "edge.conf"), seed);
    await boot(hub, place, "box");
    expect(readFileSync(first.files.identity, "utf8")).toBe(identity);
    expect(hub.store.certificates()).toHaveLength(1);
  });

  test("that has been at work is enrolled anew by another seed, and keeps its devices", async () => {
    await using hub = await TestEnrolment.start();
    const place = hub.seed("stick", hub.seedText(hub.token()));
    const { configurationFile } = await boot(hub, place, "box");
    const before = readFileSync(configurationFile, "utf8");
    writeFileSync(configurationFile, before.replace("devices: []", "# mine\nhandoff: plain\ndevices: []"));
    writeFileSync(join(place, "edge.conf"), hub.seedText(hub.token("qiyun-no2", "box-7")));
    expect(isSeedWaiting({ configurationFile, place })).toBe(true);
    await boot(hub, place, "box");
    expect(loadConfiguration(configurationFile)).toMatchObject({
      campus: "qiyun-no2",
      node: "box-7",
      handoff: "plain",
    });
    expect(readFileSync(configurationFile, "utf8")).toContain("# mine");
  });
});

test("a box at work that finds a stick with an old token says so on it, and goes back to work as it was", async () => {
  await using hub = await TestEnrolment.start();
  const place = hub.seed("stick", hub.seedText(hub.token()));
  const { configurationFile, files } = await boot(hub, place, "box");
  const before = [configurationFile, files.identity].map((file) => readFileSync(file, "utf8"));
  writeFileSync(join(place, "edge.conf"), hub.seedText("7ZK3M-9Q0W5-X2Y8R-4T6V1-B0C9D-8"));
  const { attempts, enrolled } = await boot(hub, place, "box");
  expect([attempts, enrolled]).toEqual([0, false]);
  expect(statusIn(place)).toContain("Code: token-unknown");
  expect([configurationFile, files.identity].map((file) => readFileSync(file, "utf8"))).toEqual(before);
});

/** The broker judges by the system's clock: what was signed then is two thirds over now. */
const DAYS_AGO = 61;

describe("a box renews its certificate", () => {
  /** An enrolled box, and a broker that knows its authority. */
  async function world(hub: TestEnrolment) {
    const tls = {
      certFile: serverFile(hub.folder),
      keyFile: serverFile(hub.folder),
      caFile: certificateFile(hub.folder),
    };
    const broker = await TestBroker.start({
      denyFile: deniedFile(hub.folder),
      listen: [{ host: "127.0.0.1", port: 0, tls: { ...tls, requireClientCertificate: true } }],
    });
    const { configurationFile, files } = await boot(hub, hub.seed("stick", hub.seedText(hub.token())), "box");
    const { brokers, enrolment } = loadConfiguration(configurationFile);
    const [address] = brokers;
    if (address === undefined || enrolment === undefined) throw new Error("an enrolled box has both");
    const program = randomBytes(8).toString("hex");
    const login = async (pair: string, as = program): Promise<void> => {
      const url = `mqtts://127.0.0.1:${broker.port}`;
      const server = { ...address, url, tls: { ...address.tls, certFile: pair, keyFile: pair } };
      const connection = await Connection.open(server, "qiyun-no1-box-1", undefined, () => undefined, {
        now: () => ({ wall: hub.now }),
        program: as,
      });
      await connection.close();
    };
    let probed = 0;
    let letIn = true;
    const renewal = new CertificateRenewal({
      files,
      ...enrolment,
      now: () => hub.now,
      probe: async (pair) => {
        probed += 1;
        if (!letIn) throw new Error("the broker is away");
        await login(pair);
      },
      log,
    });
    const serial = (): string => new X509Certificate(readFileSync(files.identity)).serialNumber;
    return {
      broker,
      files,
      renewal,
      login,
      serial,
      probes: () => probed,
      setLetIn: (value: boolean) => {
        letIn = value;
      },
      [Symbol.asyncDispose]: () => broker[Symbol.asyncDispose](),
    };
  }

  test("at two thirds of its time, and not before; it works before it is used and after", async () => {
    await using hub = await TestEnrolment.start({ daysAgo: DAYS_AGO });
    await using box = await world(hub);
    const [before, ends] = [box.serial(), box.renewal.ends];
    hub.pass(59);
    expect(await box.renewal.look()).toBe("not-yet");
    hub.pass(2);
    expect(await box.renewal.look()).toBe("renewed");
    expect(box.serial()).not.toBe(before);
    expect(box.renewal.ends - ends).toBe(61 * DAY_MS);
    expect([existsSync(box.files.next), existsSync(box.files.nextKey)]).toEqual([false, false]);
    await box.login(box.files.identity);
    expect(await box.renewal.look()).toBe("not-yet");
  });

  test("and keeps the present one while the new one does not work, asking for no third", async () => {
    await using hub = await TestEnrolment.start({ daysAgo: DAYS_AGO });
    await using box = await world(hub);
    const before = box.serial();
    hub.pass(DAYS_AGO);
    box.setLetIn(false);
    expect(await box.renewal.look()).toBe("failed");
    expect(await box.renewal.look()).toBe("failed");
    expect([box.serial(), box.probes()]).toEqual([before, 2]);
    expect(hub.store.certificates()).toHaveLength(2);
    box.setLetIn(true);
    expect(await box.renewal.look()).toBe("renewed");
    expect(hub.store.certificates()).toHaveLength(2);
  });

  test("with the key that it had begun with when it was cut off", async () => {
    await using hub = await TestEnrolment.start({ daysAgo: DAYS_AGO });
    await using box = await world(hub);
    hub.pass(DAYS_AGO);
    const key = keyIn(box.files.nextKey);
    await box.renewal.look();
    expect(readFileSync(box.files.identity, "utf8")).toContain(key.trim());
  });

  test("and is shut out with it when a copy of its disk is at work beside it", async () => {
    await using hub = await TestEnrolment.start();
    await using box = await world(hub);
    await box.login(box.files.identity, "first");
    await box.login(box.files.identity, "second");
    await expect(box.login(box.files.identity, "first")).rejects.toThrow("Not authorized");
    await expect(box.login(box.files.identity, "second")).rejects.toThrow("Not authorized");
    expect(hub.denied()).toContain("found on two machines");
  });

  test("not when it is revoked, and is then not let in", async () => {
    await using hub = await TestEnrolment.start({ daysAgo: DAYS_AGO });
    await using box = await world(hub);
    hub.pass(DAYS_AGO);
    await box.login(box.files.identity);
    hub.enrolment.revoke(edgeIdentity("qiyun-no1", "box-1"), "stolen", "tester");
    expect(await box.renewal.look()).toBe("failed");
    await soon(() => expect(box.login(box.files.identity)).rejects.toThrow("Not authorized"));
  });
});
