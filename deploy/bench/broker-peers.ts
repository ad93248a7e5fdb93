/** The two MQTT servers side by side: ours, with its users and its rule book, and Debian's mosquitto with the same rules. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { PART_ARGUMENTS } from "../cli/processes.ts";
import { freePort } from "../testing/hub-process.ts";
import { places, startPinned, stopped } from "./minimal-hub.ts";

const MAIN = resolve(import.meta.dirname, "../../broker/main.ts");
const CORE = "0";
export const CAMPUS = "bench-school";
export const PASSWORD = "not-a-secret-of-anybody";

/** Files in PEM. */
export interface ServerCertificate {
  readonly certFile: string;
  readonly keyFile: string;
}

export interface Peer {
  readonly port: number;
  readonly pid: number;
  stop(): Promise<void>;
}

export type StartPeer = (
  users: { readonly edges: readonly string[]; readonly readers: readonly string[] },
  tls?: ServerCertificate,
) => Promise<Peer>;

const startOurs: StartPeer = async ({ edges, readers }, tls) => {
  const folder = mkdtempSync(join(tmpdir(), "campus-ops-bench-"));
  const port = await freePort();
  writeFileSync(join(folder, "password"), `${PASSWORD}\n`, { mode: 0o600 });
  const user = { passwordFile: "password" };
  const users = [
    ...edges.map((node) => ({ ...user, name: node, role: "edge", campus: CAMPUS, node })),
    ...readers.map((name) => ({ ...user, name, role: "monitor" })),
  ];
  const listen = [{ host: "127.0.0.1", port, ...(tls === undefined ? {} : { tls }) }];
  const config = join(folder, "hub.yaml");
  // JSON is YAML.
  writeFileSync(config, JSON.stringify({ broker: { listen, users } }));
  const environment = { CAMPUS_OPS_CONFIG: config, ...places(folder) };
  const child = await startPinned(MAIN, CORE, environment, PART_ARGUMENTS);
  return peer(child, port, folder);
};

const startMosquitto: StartPeer = async ({ readers }, tls) => {
  const folder = mkdtempSync(join(tmpdir(), "campus-ops-bench-"));
  const port = await freePort();
  const rules = [
    `pattern write spBv1.0/${CAMPUS}/NDATA/%u`,
    ...readers.flatMap((name) => [`user ${name}`, "topic read #"]),
  ];
  writeFileSync(join(folder, "acl"), `${rules.join("\n")}\n`, { mode: 0o600 });
  const secured =
    tls === undefined ? [] : [`certfile ${tls.certFile}`, `keyfile ${tls.keyFile}`, "tls_version tlsv1.3"];
  const settings = [
    "user root",
    "allow_anonymous true",
    "persistence false",
    "log_dest stderr",
    "log_type none",
    "set_tcp_nodelay true",
    "max_queued_messages 0",
    `acl_file ${join(folder, "acl")}`,
    `listener ${port} 127.0.0.1`,
    ...secured,
  ];
  writeFileSync(join(folder, "conf"), `${settings.join("\n")}\n`);
  const child = spawn("taskset", ["--cpu-list", CORE, "/usr/sbin/mosquitto", "-c", join(folder, "conf")], {
    stdio: "ignore",
  });
  await once(child, "spawn");
  return peer(child, port, folder);
};

function peer(child: ChildProcess, port: number, folder: string): Peer {
  const { pid } = child;
  if (pid === undefined) throw new Error("the server did not start");
  return {
    port,
    pid,
    stop: async () => {
      await stopped(child);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export const PEERS: readonly (readonly [name: string, start: StartPeer])[] = [
  ["campus-ops", startOurs],
  ["mosquitto", startMosquitto],
];
