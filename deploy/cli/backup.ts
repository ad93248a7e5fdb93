/** `campus-ops backup`, `backup key` and `restore`. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import {
  type Environment,
  OperatorError,
  readSecretFile,
  readSettings,
  socketPath,
} from "@campus-ops/service";
import { socketClient } from "@campus-ops/service/socket-client";
import { generateX25519Identity, identityToRecipient } from "age-encryption";
import { type BackupResult, backUp } from "../backup/backup.ts";
import { identityIn, readBackupPlan } from "../backup/configuration.ts";
import { restore } from "../backup/restore.ts";
import { type DataLock, lockData } from "./data-lock.ts";

/** Writes a new identity, which alone can open backups, and says its recipient, which belongs into the configuration. */
export async function backupKey(file: string, print: (line: string) => void): Promise<void> {
  if (existsSync(file))
    throw new OperatorError(
      `${file} is there already; nothing was changed. It may be the key of backups that exist`,
      { zh: `${file} 已存在，没有改动；它可能是现有备份的密钥` },
    );
  const identity = await generateX25519Identity();
  const recipient = await identityToRecipient(identity);
  writeFileSync(file, `# public key: ${recipient}\n${identity}\n`, { mode: 0o600, flag: "wx" });
  print(`${file}: keep it away from the hub, twice, and on paper: without it no backup can be opened.`);
  print(`backup.recipients in hub.yaml: ${recipient}`);
}

/** Through the hub's own backup process where the hub runs, by itself where it does not. */
export async function backupNow(
  { data, run }: Environment,
  config: string,
  version: string,
  print: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const plan = readBackupPlan(config, readSettings(data));
  if (plan === undefined)
    throw new OperatorError(
      `${config} has no section backup, and no place was set in the console; docs/operator.md shows one`,
      { zh: `${config} 没有 backup 一节，控制台里也没有设置备份位置；写法见 docs/operator.md` },
    );
  const lock = freeLock(data);
  try {
    const result =
      lock === undefined
        ? await askHub(run)
        : await backUp({
            ...plan,
            data,
            config,
            version,
            now: Date.now,
            ingest: undefined,
            onStep: (step, place) => print([step, place].join(" ").trimEnd()),
            signal,
          });
    const { bytes, name, proof } = result;
    print(
      `${name}: ${bytes} bytes, restored and proven: ${proof.databases} databases, ${proof.entries} entries of the journal`,
    );
  } finally {
    lock?.release();
  }
}

export interface RestoreArguments {
  readonly file: string;
  readonly identityFile: string;
  readonly data: string;
  readonly configuration: string;
}

export async function restoreHub(
  { configuration, data, file, identityFile }: RestoreArguments,
  print: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const secret = readSecretFile(identityFile);
  if ("problem" in secret) throw new OperatorError(secret.problem, { zh: secret.zh });
  const identity = await identityIn(readFileSync(identityFile, "utf8"));
  const { config, proof } = await restore({
    file: resolve(file),
    identity,
    data: resolve(data),
    configuration: resolve(configuration),
    signal,
  });
  const made = new Date(proof.manifest.at).toISOString();
  print(
    `restored: the hub of ${made}, ${proof.databases} databases, ${proof.entries} entries of the journal`,
  );
  print(`start it: CAMPUS_OPS_DATA=${resolve(data)} campus-ops up --config ${config}`);
  print("its edges come by themselves, and send what they still have");
}

function freeLock(data: string): DataLock | undefined {
  if (!existsSync(data))
    throw new OperatorError(`there is no data folder ${data}`, { zh: `没有数据文件夹 ${data}` });
  try {
    return lockData(data);
  } catch (error) {
    if (error instanceof OperatorError) return undefined;
    throw error;
  }
}

async function askHub(run: string): Promise<BackupResult> {
  const client = socketClient(socketPath(run, "backup"));
  try {
    const response = await client.fetch("/run", { method: "POST" }).catch(() => undefined);
    if (response === undefined)
      throw new OperatorError("a hub runs here, and its backup process does not answer; its log says why", {
        zh: "平台正在运行，但备份进程没有应答；原因见日志",
      });
    if (!response.ok) {
      const { detail } = (await response.json()) as { readonly detail: string };
      throw new OperatorError(`no backup was made: ${detail}`);
    }
    return (await response.json()) as BackupResult;
  } finally {
    await client.close();
  }
}
