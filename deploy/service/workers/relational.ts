/** Where workers keep what they share: the section `relational` of a hub's configuration file. */
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { OperatorError } from "../lifecycle.ts";
import { readSecretFile } from "../secret-file.ts";

export const LEASE_SECONDS = 10;

export interface RelationalConfiguration {
  readonly kind: "embedded" | "postgres";
  /** The rest is for `postgres`. */
  readonly url?: string;
  readonly passwordFile?: string;
  readonly caFile?: string;
  readonly leaseSeconds: number;
  readonly tokenFile?: string;
}

export const RELATIONAL_SCHEMA = {
  type: "object",
  additionalProperties: false,
  default: {},
  description:
    "where alarms, registries and checkpoints are kept; with postgres, ingest and rules run as workers",
  properties: {
    kind: { enum: ["embedded", "postgres"], default: "embedded" },
    url: {
      type: "string",
      pattern: "^postgres(ql)?://[^:@/?]+@[^/?]+/[^/?]+$",
      description: "postgresql://user@host:5432/database; the password is in a file of its own",
    },
    passwordFile: { type: "string", minLength: 1, description: "holds the password, mode 0600" },
    caFile: {
      type: "string",
      minLength: 1,
      description: "who signed the server's certificate; connections are then encrypted and checked",
    },
    leaseSeconds: {
      type: "number",
      minimum: 2,
      maximum: 300,
      default: LEASE_SECONDS,
      description: "a worker that is not heard of for so long loses its campuses to the others",
    },
    tokenFile: {
      type: "string",
      minLength: 1,
      description:
        "holds what workers and console show each other over TCP, at least 32 characters, mode 0600",
    },
  },
  if: { properties: { kind: { const: "postgres" } }, required: ["kind"] },
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON schema
  then: { properties: { url: { type: "string" } }, required: ["url"] },
} as const;

export interface RelationalPlace {
  readonly url: string;
  readonly password?: string;
  readonly ca?: string;
  readonly lease_ms: number;
  /** What workers and console show each other over TCP. */
  readonly token?: string;
}

/** A shorter one might be guessed. */
const TOKEN_CHARACTERS_MIN = 32;

/** Reads the secrets; undefined where all is embedded. `file` is the configuration. Throws {@link OperatorError}. */
export function relationalPlace(
  configuration: RelationalConfiguration,
  file: string,
): RelationalPlace | undefined {
  const { kind, url, passwordFile, caFile, tokenFile, leaseSeconds } = configuration;
  if (kind === "embedded" || url === undefined) return undefined;
  const beside = (path: string): string => resolve(dirname(file), path);
  const secret = (field: string, path: string): string => {
    const read = readSecretFile(beside(path));
    if ("problem" in read) throw new OperatorError(`${file}: relational.${field}: ${read.problem}`);
    return read.text;
  };
  const token = tokenFile === undefined ? undefined : secret("tokenFile", tokenFile);
  if (token !== undefined && token.length < TOKEN_CHARACTERS_MIN)
    throw new OperatorError(
      `${file}: relational.tokenFile: holds ${token.length} characters; at least ${TOKEN_CHARACTERS_MIN} are needed`,
    );
  return {
    url,
    ...(passwordFile === undefined ? {} : { password: secret("passwordFile", passwordFile) }),
    ...(caFile === undefined ? {} : { ca: readFileSync(beside(caFile), "utf8") }),
    lease_ms: leaseSeconds * 1_000,
    ...(token === undefined ? {} : { token }),
  };
}
