/** The peer: Debian's snmpd, found by the community that it answers to. */
import { type ChildProcess, spawn } from "node:child_process";
import dgram from "node:dgram";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PROFILES } from "@campus-ops/device-profiles/profiles";
import { afterAll, beforeAll, expect, test } from "vitest";
import { matchProfiles } from "../core/profile-match.ts";
import { discover } from "./discover.ts";
import type { Finding } from "./finding.ts";

let folder: string;
let snmpd: ChildProcess;
let port: number;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "campus-ops-discover-"));
  port = await freePort();
  const file = join(folder, "snmpd.conf");
  const lines = [
    `agentaddress udp:127.0.0.1:${port}`,
    "rocommunity campus 127.0.0.1",
    "sysDescr a machine to be found",
    "sysName found-1",
  ];
  writeFileSync(file, `${lines.join("\n")}\n`, { mode: 0o600 });
  snmpd = spawn(
    "/usr/sbin/snmpd",
    ["-f", "-Lo", "-C", "-c", file, "-p", join(folder, "pid"), "-I", "-smux"],
    {
      env: { ...process.env, SNMP_PERSISTENT_DIR: folder, MIBS: "" },
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  // It says this once its port is open.
  let log = "";
  for await (const chunk of snmpd.stdout ?? []) {
    log += String(chunk);
    if (log.includes("NET-SNMP version")) break;
  }
});

afterAll(async () => {
  if (snmpd.exitCode === null) {
    const ended = once(snmpd, "exit");
    snmpd.kill();
    await ended;
  }
  rmSync(folder, { recursive: true });
});

async function freePort(): Promise<number> {
  const socket = dgram.createSocket("udp4");
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  const { port: free } = socket.address();
  socket.close();
  return free;
}

test("an agent is found with what it says of itself, and the community that it does not know finds nothing", async () => {
  const search = async (communities: readonly string[]): Promise<readonly Finding[]> => {
    const findings: Finding[] = [];
    await discover(
      {
        addresses: ["127.0.0.1"],
        protocols: ["snmp"],
        rate_per_s: 100,
        timeout_ms: 2_000,
        communities,
        units: [],
        ports: { snmp: port },
        onFinding: (finding) => findings.push(finding),
        onProgress: () => undefined,
      },
      AbortSignal.timeout(20_000),
    );
    return findings;
  };
  expect(await search(["public"])).toEqual([]);
  const [found, ...more] = await search(["public", "campus"]);
  expect(more).toEqual([]);
  // 1.3.6.1.4.1.8072.3.2.10: netSnmpAgentOIDs, linux.
  expect(found).toMatchObject({
    url: `snmp://127.0.0.1:${port}`,
    facts: {
      vendor: "net-snmp",
      description: "a machine to be found",
      name: "found-1",
      objectId: "1.3.6.1.4.1.8072.3.2.10",
    },
  });
  const matches = matchProfiles("snmp", found?.facts ?? {}, PROFILES);
  expect(matches.map(({ confidence }) => confidence)).toEqual(
    matches.map(({ confidence }) => confidence).toSorted((a, b) => b - a),
  );
  expect(matches.length).toBeGreaterThan(0);
});
