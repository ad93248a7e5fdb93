import { type ChildProcess, spawn } from "node:child_process";
import dgram from "node:dgram";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import path from "node:path";
import { genericIfMib } from "@campus-ops/device-profiles/profiles/switch/generic-if-mib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type DeviceSession, type DeviceTarget, DriverError } from "./driver.ts";
import { SNMP_LIMITS } from "./snmp/link.ts";
import { createSnmpDriver } from "./snmp.ts";

/** The peer: Debian's snmpd, which serves the real interfaces of this machine. */
const driver = createSnmpDriver({ ...SNMP_LIMITS, timeout_ms: 1_000, retries: 2 });
const environment = { now: Date.now, pseudonym: (text: string) => text };
const signal = new AbortController().signal;
const PASSPHRASE = "a passphrase of the campus";

let folder: string;
let snmpd: ChildProcess;
let port: number;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "campus-ops-snmpd-"));
  port = await freePort();
  const configuration = [
    `agentaddress udp:127.0.0.1:${port}`,
    "rocommunity campus 127.0.0.1",
    `createUser operator SHA-256 "${PASSPHRASE}" AES`,
    "rouser operator priv",
    "sysDescr a machine under test",
    "",
  ].join("\n");
  await writeFile(path.join(folder, "snmpd.conf"), configuration, { mode: 0o600 });
  await startSnmpd();
});

async function startSnmpd(): Promise<void> {
  snmpd = spawn(
    "/usr/sbin/snmpd",
    ["-f", "-Lo", "-C", "-c", path.join(folder, "snmpd.conf"), "-p", path.join(folder, "pid"), "-I", "-smux"],
    {
      env: { ...process.env, SNMP_PERSISTENT_DIR: path.join(folder, "kept"), MIBS: "" },
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  // It says this once its port is open.
  let log = "";
  for await (const chunk of snmpd.stdout ?? []) {
    log += String(chunk);
    if (log.includes("NET-SNMP version")) break;
  }
}

async function stopSnmpd(): Promise<void> {
  if (snmpd.exitCode !== null) return;
  snmpd.kill();
  await once(snmpd, "exit");
}

afterAll(async () => {
  await stopSnmpd();
  await rm(folder, { recursive: true });
});

async function freePort(): Promise<number> {
  const socket = dgram.createSocket("udp4");
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  const { port: free } = socket.address();
  socket.close();
  await once(socket, "close");
  return free;
}

async function withSession<T>(
  target: Omit<DeviceTarget, "url"> & { parameters?: string },
  use: (session: DeviceSession) => Promise<T>,
): Promise<T> {
  const { parameters = "", ...login } = target;
  const url = new URL(`snmp://127.0.0.1:${port}${parameters}`);
  const session = await driver.open({ url, ...login }, genericIfMib, environment, signal);
  try {
    return await use(session);
  } finally {
    await session.close();
  }
}

async function kernelCount(name: "rx_bytes" | "tx_bytes"): Promise<number> {
  return Number(await readFile(`/sys/class/net/lo/statistics/${name}`, "utf8"));
}

test("the octets of the loopback interface lie between what the kernel counted before and after", async () => {
  const ifIndex = (await readFile("/sys/class/net/lo/ifindex", "utf8")).trim();
  await withSession({ secret: "campus" }, async (session) => {
    const octets = async (): Promise<[number, number]> => {
      const reading = await session.poll?.(signal);
      const value = (metric: string) =>
        Number(reading?.samples.find((sample) => sample.metric === `Port/${ifIndex}/${metric}`)?.value);
      expect(reading?.samples.find(({ metric }) => metric === `Port/${ifIndex}/Oper`)?.value).toBe("up");
      return [value("InOctets"), value("OutOctets")];
    };
    const before = [await kernelCount("rx_bytes"), await kernelCount("tx_bytes")] as const;
    // The agent may have looked at the kernel a few seconds ago and kept the figures: read until they have moved on.
    let [received, sent] = await octets();
    while (received < before[0]) [received, sent] = await octets();
    const after = [await kernelCount("rx_bytes"), await kernelCount("tx_bytes")] as const;
    expect(received).toBeGreaterThanOrEqual(before[0]);
    expect(received).toBeLessThanOrEqual(after[0]);
    expect(sent).toBeGreaterThanOrEqual(before[1]);
    expect(sent).toBeLessThanOrEqual(after[1]);
  });
});

test("the system group names this machine", async () => {
  const identity = await withSession({ secret: "campus" }, (session) =>
    Promise.resolve(session.identify?.(signal)),
  );
  expect(identity?.samples.map(({ metric, value }) => [metric, value])).toEqual([
    ["System/Name", hostname()],
    ["System/Description", "a machine under test"],
  ]);
});

test("version 3 with SHA-256 and AES reads the same interfaces", async () => {
  const ports = (target: Parameters<typeof withSession>[0]) =>
    withSession(target, async (session) =>
      (await session.poll?.(signal))?.samples
        .map(({ metric }) => metric)
        .filter((each) => each.endsWith("/Oper")),
    );
  const secured = { parameters: "?version=3", username: "operator", secret: PASSPHRASE };
  const byVersion3 = await ports(secured);
  expect(byVersion3?.length).toBeGreaterThan(0);
  expect(byVersion3).toEqual(await ports({ secret: "campus" }));
});

test("a wrong passphrase and an unknown user are refused logins, not silence", async () => {
  for (const login of [
    { username: "operator", secret: "not the passphrase" },
    { username: "nobody", secret: PASSPHRASE },
  ]) {
    const attempt = withSession({ parameters: "?version=3", ...login }, async () => undefined);
    const error = await attempt.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(DriverError);
    expect(error).toMatchObject({ kind: "login-refused", retry: false });
  }
});

test("version 3 goes on in the same session with an agent that was started anew", async () => {
  const secured = { parameters: "?version=3", username: "operator", secret: PASSPHRASE };
  await withSession(secured, async (session) => {
    expect((await session.poll?.(signal))?.samples.length).toBeGreaterThan(0);
    await stopSnmpd();
    await startSnmpd();
    // It was started once more than we know (RFC 3414, clause 3.2, step 7): it says so, and is asked again.
    expect((await session.poll?.(signal))?.samples.length).toBeGreaterThan(0);
    await stopSnmpd();
    // As after a factory reset: who it is to version 3, and how often it was started, begin anew.
    await rm(path.join(folder, "kept"), { recursive: true });
    await startSnmpd();
    const after = await session.poll?.(signal).then(
      ({ samples }) => samples.length,
      (error: unknown) => error,
    );
    if (after instanceof Error) expect(after).toMatchObject({ retry: true });
    else expect(after).toBeGreaterThan(0);
  });
  await withSession(secured, async (session) => {
    expect((await session.poll?.(signal))?.samples.length).toBeGreaterThan(0);
  });
});

test("a read-only community may not write", async () => {
  // A profile that wrongly says so stands in for PoE, which snmpd has not.
  const writable = {
    ...genericIfMib,
    columns: genericIfMib.columns.map((column) => ({ ...column, writable: true })),
  };
  const url = new URL(`snmp://127.0.0.1:${port}`);
  const session = await driver.open({ url, secret: "campus" }, writable, environment, signal);
  const error = await session.write?.("Port/1/Oper", "down", signal).catch((reason: unknown) => reason);
  await session.close();
  expect(error).toMatchObject({ kind: "device-exception", retry: false });
});
