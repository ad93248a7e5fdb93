/**
 * What backups need of the S3 API, as Amazon's and the compatible servers speak it: whole and multipart uploads, reading,
 * listing, removing. Requests are signed with Signature Version 4; each upload brings its MD5, which buckets with a lock
 * ask for and every server checks.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { LookupFunction } from "node:net";
import { setTimeout } from "node:timers/promises";
import { OperatorError } from "@campus-ops/service";
import { AwsV4Signer } from "aws4fetch";
import { XMLParser } from "fast-xml-parser";
import { Agent, type Dispatcher, request } from "undici";
import { readCredentials } from "./credentials.ts";
import { isWorthAnotherTry, problemOfAnswer, problemOfLine, type S3Refusal } from "./problems.ts";

export interface S3Access {
  /** `https://host[:port]/bucket[/folder]` */
  readonly url: string;
  /** As the server calls it; `us-east-1` for most that have none. */
  readonly region: string;
  /** Whether the bucket is the first part of the path, or of the host's name. */
  readonly addressing: "path" | "virtual-host";
  /** Access key and secret, mode 0600; see {@link readCredentials}. */
  readonly credentialsFile: string;
  /** PEM of the authority that signed the server's certificate, where this machine does not know it. */
  readonly caFile?: string;
}

export interface S3Surroundings {
  readonly now: () => number;
  /** Before each further try of a request that failed for a reason that may pass. */
  readonly pauses_ms: readonly number[];
  /** How names become addresses; the system's way unless said. */
  readonly lookup?: LookupFunction;
}

/** A bucket that is slow for a moment is waited for; one that is away is the next half hour's matter. */
export const REAL_SURROUNDINGS: S3Surroundings = { now: Date.now, pauses_ms: [500, 2_000, 8_000] };

const CONNECT_MS_MAX = 20_000;
/** One part of an upload has to be through by then: 8 MiB need 224 kbit/s. */
const ANSWER_MS_MAX = 300_000;
const ANSWER_BYTES_MAX = 4 * 1024 * 1024;
const PAGES_MAX = 100;

interface Call {
  readonly method: "GET" | "PUT" | "POST" | "DELETE";
  /** Below the folder; the bucket itself without. */
  readonly name?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
}

/** Each method rejects with an {@link OperatorError} that says what is wrong; with the signal's reason when aborted. */
export class S3Client {
  readonly #access: S3Access;
  readonly #surroundings: S3Surroundings;
  readonly #agent: Agent;
  readonly #bucket: URL;
  readonly #folder: string;
  readonly #xml = new XMLParser({ parseTagValue: false });

  constructor(access: S3Access, surroundings: S3Surroundings) {
    this.#access = access;
    this.#surroundings = surroundings;
    ({ bucket: this.#bucket, folder: this.#folder } = addressOf(access));
    const { lookup } = surroundings;
    this.#agent = new Agent({
      connect: {
        timeout: CONNECT_MS_MAX,
        ...(access.caFile === undefined ? {} : { ca: authorityIn(access.caFile) }),
        ...(lookup === undefined ? {} : { lookup }),
      },
      headersTimeout: ANSWER_MS_MAX,
      bodyTimeout: ANSWER_MS_MAX,
      connections: 1,
    });
  }

  close(): Promise<void> {
    return this.#agent.destroy();
  }

  async put(name: string, body: Buffer, signal: AbortSignal): Promise<void> {
    await this.#done({ method: "PUT", name, body }, signal);
  }

  /** The id of an upload in parts. */
  async begin(name: string, signal: AbortSignal): Promise<string> {
    const answer = await this.#read({ method: "POST", name, query: { uploads: "" } }, signal);
    return textAt(answer, "InitiateMultipartUploadResult", "UploadId");
  }

  /** Parts are numbered from 1; what the server calls this one. */
  async putPart(
    name: string,
    upload: string,
    number: number,
    body: Buffer,
    signal: AbortSignal,
  ): Promise<string> {
    const query = { partNumber: String(number), uploadId: upload };
    const { etag } = await this.#done({ method: "PUT", name, query, body }, signal);
    if (typeof etag !== "string") throw strange("an ETag for a part of an upload");
    return etag;
  }

  async finish(name: string, upload: string, parts: readonly string[], signal: AbortSignal): Promise<void> {
    const each = parts.map(
      (tag, at) => `<Part><PartNumber>${at + 1}</PartNumber><ETag>${escaped(tag)}</ETag></Part>`,
    );
    const body = Buffer.from(`<CompleteMultipartUpload>${each.join("")}</CompleteMultipartUpload>`);
    const answer = await this.#read({ method: "POST", name, query: { uploadId: upload }, body }, signal);
    // A server that takes long begins with 200 and may end with an error.
    if ("Error" in answer) throw this.#refused(refusalIn(200, answer, undefined), name);
    textAt(answer, "CompleteMultipartUploadResult", "ETag");
  }

  /** What was uploaded in parts so far goes, and is not paid for any longer. */
  async giveUp(name: string, upload: string, signal: AbortSignal): Promise<void> {
    await this.#done({ method: "DELETE", name, query: { uploadId: upload } }, signal);
  }

  /** The object's bytes; read them, or destroy the stream. */
  async get(name: string, signal: AbortSignal): Promise<Dispatcher.ResponseData["body"]> {
    return (await this.#asked({ method: "GET", name }, signal)).body;
  }

  async remove(name: string, signal: AbortSignal): Promise<void> {
    await this.#done({ method: "DELETE", name }, signal);
  }

  /** Names in the folder, without it, and not of what lies in folders below. */
  async list(signal: AbortSignal): Promise<readonly string[]> {
    const names: string[] = [];
    let token: string | undefined;
    for (let page = 0; page < PAGES_MAX; page += 1) {
      const from = token === undefined ? {} : { "continuation-token": token };
      const query = { "list-type": "2", delimiter: "/", prefix: this.#folder, ...from };
      const answer = await this.#read({ method: "GET", query }, signal);
      const result = recordAt(answer, "ListBucketResult");
      for (const each of listOf(result.Contents)) {
        const key = textAt({ each }, "each", "Key");
        if (key.length > this.#folder.length) names.push(key.slice(this.#folder.length));
      }
      token =
        result.IsTruncated === "true" ? textAt({ result }, "result", "NextContinuationToken") : undefined;
      if (token === undefined) return names;
    }
    throw new OperatorError(
      `${this.#access.url} holds more than ${names.length} objects; give backups a folder of their own`,
    );
  }

  /** The answer's headers. */
  async #done(call: Call, signal: AbortSignal): Promise<Dispatcher.ResponseData["headers"]> {
    const { body, headers } = await this.#asked(call, signal);
    await body.dump();
    return headers;
  }

  /** The answer's document. */
  async #read(call: Call, signal: AbortSignal): Promise<Readonly<Record<string, unknown>>> {
    const { body } = await this.#asked(call, signal);
    return this.#parsed(await textOf(body));
  }

  /** An answer of success; asked again where a failure may pass. */
  async #asked(call: Call, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    const { pauses_ms } = this.#surroundings;
    for (let attempt = 0; ; attempt += 1) {
      signal.throwIfAborted();
      const pause = pauses_ms[attempt];
      try {
        const answer = await this.#once(call, signal);
        if (answer.statusCode < 300) return answer;
        const { body, headers, statusCode } = answer;
        const refusal = refusalIn(statusCode, this.#parsed(await textOf(body)), headers.date);
        if (pause === undefined || !isWorthAnotherTry(refusal)) throw this.#refused(refusal, call.name);
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof OperatorError) throw error;
        const problem = problemOfLine(error);
        if (pause === undefined || !problem.mayPass)
          throw new OperatorError(`${this.#access.url} could not be used: ${problem.says}`, { cause: error });
      }
      await setTimeout(pause, undefined, { signal });
    }
  }

  async #once(
    { body, method, name, query = {} }: Call,
    signal: AbortSignal,
  ): Promise<Dispatcher.ResponseData> {
    const { credentialsFile, region } = this.#access;
    const url = new URL(this.#bucket);
    if (name !== undefined) {
      const object = (this.#folder + name).split("/").map(encodeURIComponent).join("/");
      url.pathname = `${url.pathname.replace(/\/$/, "")}/${object}`;
    }
    url.search = Object.entries(query)
      .map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`)
      .join("&");
    const signed = await new AwsV4Signer({
      method,
      url: url.href,
      headers: {
        "x-amz-content-sha256": createHash("sha256")
          .update(body ?? "")
          .digest("hex"),
        ...(body === undefined ? {} : { "content-md5": createHash("md5").update(body).digest("base64") }),
      },
      ...readCredentials(credentialsFile),
      service: "s3",
      region,
      datetime: new Date(this.#surroundings.now()).toISOString().replace(/[:-]|\.\d{3}/g, ""),
    }).sign();
    return await request(signed.url, {
      method,
      headers: Object.fromEntries(signed.headers),
      ...(body === undefined ? {} : { body }),
      dispatcher: this.#agent,
      signal,
    });
  }

  #parsed(text: string): Readonly<Record<string, unknown>> {
    try {
      return recordOf(this.#xml.parse(text));
    } catch {
      // No S3 server says this, or something in between.
      return {};
    }
  }

  #refused(refusal: S3Refusal, name: string | undefined): OperatorError {
    const { now } = this.#surroundings;
    return new OperatorError(
      `${this.#access.url} could not be used: ${problemOfAnswer(refusal, { ...this.#access, name, now: now() })}`,
    );
  }
}

/** The bucket's own address, and the folder's name with a slash at its end, or none. */
export function addressOf({ addressing, url }: Pick<S3Access, "addressing" | "url">): {
  readonly bucket: URL;
  readonly folder: string;
} {
  const { origin, pathname } = new URL(url);
  const [name = "", ...folders] = pathname.split("/").filter((part) => part !== "");
  const bucket = new URL(addressing === "path" ? `${origin}/${name}` : origin);
  if (addressing === "virtual-host") bucket.hostname = `${name}.${bucket.hostname}`;
  return { bucket, folder: folders.map((part) => `${decodeURIComponent(part)}/`).join("") };
}

function authorityIn(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new OperatorError(`${file}, the authority of a place for backups, cannot be read`, {
      cause: error,
    });
  }
}

async function textOf(body: Dispatcher.ResponseData["body"]): Promise<string> {
  let text = "";
  for await (const chunk of body.setEncoding("utf8")) {
    text += chunk;
    if (text.length > ANSWER_BYTES_MAX)
      throw new OperatorError("the answer of a place for backups has no end");
  }
  return text;
}

function refusalIn(
  status: number,
  answer: Readonly<Record<string, unknown>>,
  date: string | string[] | undefined,
): S3Refusal {
  const { Code, Endpoint, Message, Region } = recordOf(answer.Error);
  const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);
  return {
    status,
    code: text(Code),
    message: text(Message),
    region: text(Region),
    endpoint: text(Endpoint),
    date: text(date),
  };
}

const recordOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};

function recordAt(
  answer: Readonly<Record<string, unknown>>,
  name: string,
): Readonly<Record<string, unknown>> {
  if (!(name in answer)) throw strange(name);
  return recordOf(answer[name]);
}

function textAt(answer: Readonly<Record<string, unknown>>, name: string, field: string): string {
  const value = recordAt(answer, name)[field];
  if (typeof value !== "string") throw strange(field);
  return value;
}

const strange = (lacks: string): OperatorError =>
  new OperatorError(
    `a place for backups answers without ${lacks}, as no S3 server does: is the address right?`,
  );

const listOf = (value: unknown): readonly unknown[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value];

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
