/**
 * A box that finds a seed with a token enrols itself, and goes on trying until it has a certificate: the cable may come
 * later than the power, and a person may mend the file meanwhile. One that has a configuration tries once and goes back to
 * work: a forgotten stick must not keep it from watching. Whatever happens is said in the status file beside the seed.
 */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Log } from "@campus-ops/service/process";
import { parseDocument } from "yaml";
import { backoff_ms, type Random } from "../core/backoff.ts";
import { readSeed, type Seed, withoutToken } from "../core/seed.ts";
import { certificateRequest } from "./certificate-request.ts";
import { askEnrolment, EnrolmentError } from "./enrolment-client.ts";
import { identityFiles, keyIn, readIfThere, writeDurably } from "./identity-files.ts";
import { install } from "./install.ts";
import { writeStatus } from "./status-file.ts";

/** As people and their editors name it. */
const SEED_NAMES = ["edge.conf", "edge.conf.txt", "edge.txt"];
/** The wait between attempts stops growing at 32 s. */
const STEPS_MAX = 6;
/** Hashes kept of tokens on media that cannot be written to. */
const USED_TOKENS_MAX = 64;

export interface FromSeedOptions {
  /** A seed file, or the folder that it lies in. */
  readonly place: string;
  readonly configurationFile: string;
  readonly log: Log;
  readonly random: Random;
  /** For the status file; enrolment itself asks no clock. */
  readonly now: () => number;
  /** Waits between attempts. */
  readonly pause: (milliseconds: number) => Promise<void>;
}

/** True when there is a seed whose token was not used yet, or one that cannot be read: something is to be done. */
export function isSeedWaiting({
  configurationFile,
  place,
}: Pick<FromSeedOptions, "configurationFile" | "place">): boolean {
  const file = seedFile(place);
  if (file === undefined) return !existsSync(configurationFile);
  const { seed } = readSeed(readFileSync(file));
  if (!existsSync(configurationFile)) return true;
  return seed?.token !== undefined && !wasUsed(configurationFile, seed.token);
}

/** A file that names devices alone was prepared for a box that has still to be enrolled. */
export const isConfigured = (configurationFile: string): boolean =>
  existsSync(configurationFile) && parseDocument(readFileSync(configurationFile, "utf8")).has("broker");

/** Resolves with true when the box is enrolled, with false when it was not and has a configuration to go on with. */
export async function enrolFromSeed(options: FromSeedOptions): Promise<boolean> {
  const { log, now, pause, place, random } = options;
  const folder = existsSync(place) && statSync(place).isDirectory() ? place : dirname(place);
  const isAtWork = isConfigured(options.configurationFile);
  let said = "";
  for (let attempt = 1; ; attempt += 1) {
    const { code, details, hub } = await tryOnce(options);
    writeStatus(folder, { code, details, hub, now: now() });
    if (code === "enrolled") {
      log.info({ hub }, "enrolled; the certificate is in place");
      return true;
    }
    if (isAtWork) {
      log.warn({ code, details, hub }, "not enrolled anew; the box goes on as it was");
      return false;
    }
    const saying = `${code} ${details.join("; ")}`;
    if (saying !== said) log.warn({ code, details, hub }, "not enrolled yet; it is tried again");
    said = saying;
    await pause(backoff_ms(Math.min(attempt, STEPS_MAX), random));
  }
}

interface Attempt {
  readonly code: string;
  readonly details: readonly string[];
  readonly hub: string | undefined;
}

async function tryOnce({ configurationFile, place }: FromSeedOptions): Promise<Attempt> {
  const file = seedFile(place);
  if (file === undefined) return { code: "seed-missing", details: [], hub: undefined };
  const { problems, seed } = readSeed(readFileSync(file));
  const details = problems.map(({ en, line, zh }) => `${line > 0 ? `${line}: ` : ""}${zh} / ${en}`);
  if (seed === undefined) return { code: "seed-invalid", details, hub: undefined };
  const hub = `${seed.host}:${seed.port}`;
  const { token } = seed;
  if (token === undefined || wasUsed(configurationFile, token)) return { code: "seed-used", details, hub };
  try {
    await enrol(seed, token, configurationFile);
  } catch (error) {
    if (!(error instanceof EnrolmentError)) throw error;
    return { code: error.code, details: [...details, error.message], hub };
  }
  forget(file, token, configurationFile);
  return { code: "enrolled", details, hub };
}

async function enrol(seed: Seed, token: string, configurationFile: string): Promise<void> {
  const { host, pin, port } = seed;
  const key = keyIn(identityFiles(configurationFile).pendingKey);
  const name = [seed.campus, seed.node].filter((part) => part !== undefined).join(".") || "edge box";
  const request = certificateRequest(key, name);
  const answer = await askEnrolment({ host, port, pin, now: undefined }, "/v1/enrol", { token, request });
  install({
    ...answer,
    key,
    configuration: answer.configuration,
    enrolmentUrl: `https://${host.includes(":") ? `[${host}]` : host}:${port}`,
    configurationFile,
  });
}

/** A token that was used is no secret any more, and still nothing to leave lying about. */
function forget(file: string, token: string, configurationFile: string): void {
  try {
    writeFileSync(file, withoutToken(readFileSync(file)));
  } catch {
    const { usedTokens } = identityFiles(configurationFile);
    const before = (readIfThere(usedTokens) ?? "").split("\n").filter((line) => line !== "");
    writeDurably(usedTokens, [...before, hashOf(token)].slice(-USED_TOKENS_MAX).join("\n"));
  }
}

function wasUsed(configurationFile: string, token: string): boolean {
  return (
    readIfThere(identityFiles(configurationFile).usedTokens)?.split("\n").includes(hashOf(token)) === true
  );
}

const hashOf = (token: string): string => createHash("sha256").update(token).digest("hex");

function seedFile(place: string): string | undefined {
  if (!existsSync(place)) return undefined;
  if (!statSync(place).isDirectory()) return place;
  const names = readdirSync(place);
  for (const wanted of SEED_NAMES) {
    const name = names.find((each) => each.toLowerCase() === wanted);
    if (name !== undefined) return join(place, name);
  }
  return undefined;
}
