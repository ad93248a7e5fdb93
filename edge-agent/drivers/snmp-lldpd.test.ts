import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import dgram from "node:dgram";
import { once } from "node:events";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { NEIGHBOUR_COLUMNS, neighboursOf } from "@campus-ops/device-profiles/codecs/mib-topology";
import { soon } from "@campus-ops/service/testing/soon";
import { afterAll, beforeAll, expect, test } from "vitest";
import { SNMP_LIMITS, SnmpLink } from "./snmp/link.ts";

/**
 * The peer: two of Debian's lldpd, each in a network of its own, on the ends of one virtual cable. One of them tells what
 * it sees to snmpd, whose port is on the loopback interface.
 */
const SUDO = process.getuid?.() === 0 ? [] : ["sudo", "--non-interactive"];
const NAMES = { switch: `co-sw-${process.pid}`, camera: `co-cam-${process.pid}` };
const CABLE = { switch: "uplink0", camera: "eth0" };

const running: ChildProcess[] = [];
let folder: string;
let port: number;

function ip(...args: string[]): string {
  const [command = "", ...rest] = [...SUDO, "ip", ...args];
  const { status, stderr, stdout } = spawnSync(command, rest, {
    encoding: "utf8",
    env: { ...process.env, PATH: `${process.env.PATH ?? ""}:/usr/sbin:/sbin` },
  });
  if (status !== 0) throw new Error(`ip ${args.join(" ")} failed: ${stderr}`);
  return stdout;
}

async function freePort(): Promise<number> {
  const socket = dgram.createSocket("udp4");
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  const { port: free } = socket.address();
  socket.close();
  await once(socket, "close");
  return free;
}

function run(command: string, ...args: string[]): ChildProcess {
  const [first = "", ...rest] = [...SUDO, command, ...args];
  const child = spawn(first, rest, {
    env: { ...process.env, SNMP_PERSISTENT_DIR: folder, MIBS: "" },
    stdio: ["ignore", "pipe", "ignore"],
  });
  running.push(child);
  return child;
}

async function lldpd(name: keyof typeof NAMES, systemName: string, ...args: string[]): Promise<void> {
  const file = path.join(folder, `${name}.conf`);
  await writeFile(file, `configure system hostname "${systemName}"\nconfigure lldp tx-interval 1\n`);
  const control = ["-u", path.join(folder, `${name}.socket`), "-O", file];
  run("ip", "netns", "exec", NAMES[name], "/usr/sbin/lldpd", "-d", ...control, "-I", CABLE[name], ...args);
}

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "campus-ops-lldpd-"));
  // lldpd lays its privileges down, and still has to find its sockets.
  await chmod(folder, 0o755);
  port = await freePort();
  const agentx = path.join(folder, "agentx");
  const configuration = [
    `agentaddress udp:127.0.0.1:${port}`,
    "rocommunity campus 127.0.0.1",
    "master agentx",
    `agentXSocket ${agentx}`,
    "",
  ].join("\n");
  await writeFile(path.join(folder, "snmpd.conf"), configuration, { mode: 0o600 });
  const files = ["-c", path.join(folder, "snmpd.conf"), "-p", path.join(folder, "pid")];
  const snmpd = run("/usr/sbin/snmpd", "-f", "-Lo", "-C", ...files, "-I", "-smux");
  let log = "";
  for await (const chunk of snmpd.stdout ?? []) {
    log += String(chunk);
    if (log.includes("NET-SNMP version")) break;
  }
  for (const name of Object.values(NAMES)) ip("netns", "add", name);
  ip(
    "-netns",
    NAMES.switch,
    "link",
    "add",
    CABLE.switch,
    "type",
    "veth",
    "peer",
    "name",
    CABLE.camera,
    "netns",
    NAMES.camera,
  );
  // A namespace begins as the machine is, and that may be a router.
  ip("netns", "exec", NAMES.camera, "sh", "-c", "echo 0 > /proc/sys/net/ipv4/ip_forward");
  ip("-netns", NAMES.switch, "link", "set", CABLE.switch, "up");
  ip("-netns", NAMES.camera, "link", "set", CABLE.camera, "up");
  await lldpd("switch", "SW-A-3F", "-x", "-X", agentx);
  await lldpd("camera", "IPC-southgate");
}, 60_000);

afterAll(async () => {
  for (const child of running.toReversed()) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill();
    await once(child, "exit");
  }
  for (const name of Object.values(NAMES)) ip("netns", "delete", name);
  await rm(folder, { recursive: true, force: true });
});

test("lldpd's neighbour is found at its port, by name, and as a station that forwards nothing", async () => {
  const link = new SnmpLink(
    { host: "127.0.0.1", port, transport: "udp4" },
    { version: "2c", community: "campus" },
    SNMP_LIMITS,
  );
  const ifIndex = Number(
    /^([0-9]+):/.exec(ip("-netns", NAMES.switch, "-o", "link", "show", CABLE.switch))?.[1],
  );
  try {
    await soon(async () => {
      const varbinds = await link.walk(NEIGHBOUR_COLUMNS, new AbortController().signal);
      const found = neighboursOf(varbinds).get(ifIndex);
      expect(found).toEqual({ name: "IPC-southgate", forwards: false });
    }, 200);
  } finally {
    link.close();
  }
}, 60_000);
