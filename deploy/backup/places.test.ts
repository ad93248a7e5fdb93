/** A folder and a server by SFTP, which is OpenSSH's own, as places for backups. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually } from "../testing/awaiting.ts";
import { freePort } from "../testing/hub-process.ts";
import { folderPlace, type Place, type SftpAccess, sftpPlace } from "./places.ts";
import { keepsBackups } from "./testing/place-contract.ts";

const { signal } = new AbortController();
let folder: string;
let server: ChildProcess;
let access: SftpAccess;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "places-"));
  const port = await freePort();
  for (const key of ["host", "client", "stranger"]) {
    const { status } = spawnSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(folder, key)]);
    if (status !== 0) throw new Error("ssh-keygen failed");
  }
  writeFileSync(join(folder, "authorized"), readFileSync(join(folder, "client.pub")), { mode: 0o600 });
  writeFileSync(
    join(folder, "known"),
    `[127.0.0.1]:${port} ${readFileSync(join(folder, "host.pub"), "utf8")}`,
  );
  const settings = [
    `ListenAddress 127.0.0.1:${port}`,
    `HostKey ${join(folder, "host")}`,
    `AuthorizedKeysFile ${join(folder, "authorized")}`,
    "PidFile none",
    "StrictModes no",
    "PasswordAuthentication no",
    "KbdInteractiveAuthentication no",
    "UsePAM no",
    "Subsystem sftp internal-sftp",
  ];
  writeFileSync(join(folder, "sshd_config"), `${settings.join("\n")}\n`);
  // Its child, the one without privileges, is shut into this folder.
  if (process.getuid?.() === 0) mkdirSync("/run/sshd", { recursive: true });
  server = spawn("/usr/sbin/sshd", ["-D", "-e", "-f", join(folder, "sshd_config")], { stdio: "ignore" });
  await eventually("sshd listens", async () => {
    const socket = connect(port, "127.0.0.1");
    const listens = await Promise.race([
      once(socket, "connect").then(() => true),
      once(socket, "error").then(
        () => false,
        () => false,
      ),
    ]);
    socket.destroy();
    return listens ? true : undefined;
  });
  access = {
    url: `sftp://${userInfo().username}@127.0.0.1:${port}${join(folder, "far away")}`,
    keyFile: join(folder, "client"),
    knownHostsFile: join(folder, "known"),
  };
});

afterAll(() => {
  server.kill();
  rmSync(folder, { recursive: true });
});

const PLACES: readonly (readonly [name: string, open: () => Place])[] = [
  ["a folder", () => folderPlace(join(folder, "vault"))],
  ["a server by SFTP", () => sftpPlace(access)],
];

describe.each(PLACES)("%s", (_, open) => keepsBackups(() => folder, open));

test("a server whose key is not the one that was noted is refused, and so is a key that the server does not know", async () => {
  const stranger = readFileSync(join(folder, "stranger.pub"), "utf8");
  const { port } = new URL(access.url);
  writeFileSync(join(folder, "wrong"), `[127.0.0.1]:${port} ${stranger}`);
  const elsewhere = sftpPlace({ ...access, knownHostsFile: join(folder, "wrong") });
  await expect(elsewhere.list(signal)).rejects.toThrow(/host key/i);
  const unknown = sftpPlace({ ...access, keyFile: join(folder, "stranger") });
  await expect(unknown.list(signal)).rejects.toThrow("could not be used");
});
