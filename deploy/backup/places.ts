/** Where backups are kept: a folder, or a server by SFTP; a bucket is in `s3/`. */
import { spawn } from "node:child_process";
import { copyFile, mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { OperatorError } from "@campus-ops/service";

export interface Place {
  /** For the operator. */
  readonly name: string;
  /** Whoever keeps the place removes old backups; we may not. */
  readonly appendOnly?: boolean;
  /** Brings a file there. It is under its name only when it is whole. */
  put(file: string, signal: AbortSignal): Promise<void>;
  /** Names of the files there. */
  list(signal: AbortSignal): Promise<readonly string[]>;
  get(name: string, to: string, signal: AbortSignal): Promise<void>;
  remove(name: string, signal: AbortSignal): Promise<void>;
}

export interface SftpAccess {
  /** `sftp://user@host[:port]/folder` */
  readonly url: string;
  /** The private key, of mode 0600, without a passphrase. */
  readonly keyFile: string;
  /** The server's key, as `ssh-keyscan` writes it: an unknown server is refused. */
  readonly knownHostsFile: string;
}

const UNFINISHED = ".part";

export function folderPlace(folder: string): Place {
  return {
    name: folder,
    put: async (file) => {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const target = join(folder, basename(file));
      await copyFile(file, target + UNFINISHED);
      await sync(target + UNFINISHED);
      await rename(target + UNFINISHED, target);
      await sync(folder);
    },
    list: () =>
      readdir(folder).catch((error: NodeJS.ErrnoException) => {
        if (error.code === "ENOENT") return [];
        throw error;
      }),
    get: (name, to) => copyFile(join(folder, name), to),
    remove: (name) => rm(join(folder, name), { force: true }),
  };
}

/** By OpenSSH's own client: what its `ssh` accepts is accepted, and what it refuses is refused. */
export function sftpPlace(access: SftpAccess): Place {
  const { pathname } = new URL(access.url);
  const folder = decodeURIComponent(pathname).replace(/\/+$/, "") || ".";
  const at = (name: string): string => quoted(`${folder}/${name}`);
  const run = (commands: readonly string[], signal: AbortSignal) => sftp(access, commands, signal);
  return {
    name: access.url,
    put: async (file, signal) => {
      const target = basename(file);
      await run(
        [
          `-mkdir ${quoted(folder)}`,
          `put ${quoted(file)} ${at(target + UNFINISHED)}`,
          `-rm ${at(target)}`,
          `rename ${at(target + UNFINISHED)} ${at(target)}`,
        ],
        signal,
      );
    },
    list: async (signal) => {
      const said = await run([`-mkdir ${quoted(folder)}`, `ls -1 ${quoted(folder)}`], signal);
      return said
        .split("\n")
        .filter((line) => line !== "" && !line.startsWith("sftp>"))
        .map((line) => basename(line.trim()));
    },
    get: async (name, to, signal) => void (await run([`get ${at(name)} ${quoted(to)}`], signal)),
    remove: async (name, signal) => void (await run([`rm ${at(name)}`], signal)),
  };
}

const OUTPUT_CHARACTERS_MAX = 1_000_000;

function sftp(access: SftpAccess, commands: readonly string[], signal: AbortSignal): Promise<string> {
  const { hostname, port, username } = new URL(access.url);
  const options = [
    "BatchMode=yes",
    "StrictHostKeyChecking=yes",
    `UserKnownHostsFile=${access.knownHostsFile}`,
    "GlobalKnownHostsFile=/dev/null",
    "IdentitiesOnly=yes",
    "ConnectTimeout=20",
    "ServerAliveInterval=20",
    "ServerAliveCountMax=3",
  ];
  const arguments_ = [
    ...["-F", "/dev/null", "-b", "-", "-i", access.keyFile, "-P", port === "" ? "22" : port],
    ...options.flatMap((option) => ["-o", option]),
    `${decodeURIComponent(username)}@${hostname.replace(/^\[|\]$/g, "")}`,
  ];
  return new Promise((resolve, reject) => {
    const child = spawn("sftp", arguments_, { stdio: ["pipe", "pipe", "pipe"], signal });
    let said = "";
    let complained = "";
    child.stdout.on("data", (chunk: Buffer) => {
      if (said.length < OUTPUT_CHARACTERS_MAX) said += chunk.toString();
    });
    child.stderr.on("data", (chunk: Buffer) => {
      if (complained.length < OUTPUT_CHARACTERS_MAX) complained += chunk.toString();
    });
    child.once("error", (error: NodeJS.ErrnoException) =>
      reject(
        error.code === "ENOENT"
          ? new OperatorError("sftp is not there; install it: apt install openssh-client")
          : error,
      ),
    );
    child.once("close", (code) => {
      if (code === 0) resolve(said);
      else
        reject(
          new OperatorError(
            `${access.url} could not be used: ${reasonIn(complained) ?? `sftp ended with ${code}`}`,
          ),
        );
    });
    child.stdin.on("error", () => undefined);
    child.stdin.end(`${commands.join("\n")}\n`);
  });
}

/** Its last line but the one that follows every failure. */
function reasonIn(complained: string): string | undefined {
  const lines = complained.split(/\r?\n/).map((line) => line.trim());
  return lines.findLast((line) => line !== "" && !line.startsWith("Connection closed"));
}

/** As sftp(1) reads a path in double quotes. Names are ours; a folder is the configuration's. */
function quoted(path: string): string {
  return `"${path.replace(/["\\]/g, "\\$&")}"`;
}

async function sync(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
