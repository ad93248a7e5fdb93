/**
 * A bucket as a place for backups, against a server that checks keys and signatures. What that one never says (parts that
 * fail, pages of names, clocks that differ) a relay before it says.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { OperatorError } from "@campus-ops/service";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Authority, certificateFile } from "../../pki/authority.ts";
import { Happenings } from "../../testing/awaiting.ts";
import type { Place } from "../places.ts";
import { keepsBackups } from "../testing/place-contract.ts";
import { REAL_SURROUNDINGS, type S3Surroundings } from "./client.ts";
import { PART_BYTES, type S3PlaceOptions, s3Place } from "./place.ts";

const { signal } = new AbortController();
const SERVER = `const S3rver = require("@20minutes/s3rver");
new S3rver(JSON.parse(process.argv[1])).run().then(({ port }) => console.log(port));`;
/** The only key that the server knows. */
const KEYS = "[default]\naws_access_key_id = S3RVER\naws_secret_access_key = S3RVER\n";
const IMPATIENT: S3Surroundings = { ...REAL_SURROUNDINGS, pauses_ms: [1, 1] };
const NAME = "campus-ops-20261122T183005Z.tar.zst.age";

let folder: string;
let port: number;
let tlsPort: number;
const servers: ChildProcess[] = [];

async function start(more: object = {}): Promise<number> {
  const directory = mkdtempSync(join(folder, "server-"));
  const listen = { address: "127.0.0.1", port: 0, silent: true, configureBuckets: [{ name: "backups" }] };
  const child = spawn(
    process.execPath,
    ["--eval", SERVER, JSON.stringify({ directory, ...listen, ...more })],
    { cwd: import.meta.dirname, stdio: ["ignore", "pipe", "inherit"] },
  );
  servers.push(child);
  const said = new Happenings<string>();
  child.stdout.on("data", (chunk: Buffer) => said.add(chunk.toString()));
  return Number(await said.until("the server listens", (text) => /^\d+\n$/.test(text)));
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "s3-"));
  writeFileSync(join(folder, "keys"), KEYS, { mode: 0o600 });
  mkdirSync(join(folder, "pki"));
  const authority = await Authority.create(join(folder, "pki"), "a bureau", Date.now());
  const pem = await authority.issueServer(["127.0.0.1"], Date.now());
  [port, tlsPort] = await Promise.all([start(), start({ key: pem, cert: pem })]);
});
afterAll(async () => {
  for (const child of servers) child.kill();
  await Promise.all(servers.map((child) => child.exitCode ?? child.signalCode ?? once(child, "exit")));
  rmSync(folder, { recursive: true });
});

/** A file of keys. */
function keys(id: string, secret: string, mode = 0o600): string {
  const file = join(folder, `keys-${id}-${secret.length}-${mode}`);
  writeFileSync(file, `aws_access_key_id=${id}\naws_secret_access_key=${secret}\n`, { mode });
  return file;
}

function place(more: Partial<S3PlaceOptions> = {}, surroundings: Partial<S3Surroundings> = {}): Place {
  const options: S3PlaceOptions = {
    url: `http://127.0.0.1:${port}/backups/a school/of ours`,
    region: "us-east-1",
    addressing: "path",
    credentialsFile: join(folder, "keys"),
    appendOnly: false,
    ...more,
  };
  return s3Place(options, { ...IMPATIENT, ...surroundings });
}

const PLACES: readonly (readonly [name: string, open: () => Place])[] = [
  ["a folder of a bucket", () => place()],
  ["a bucket by itself", () => place({ url: `http://127.0.0.1:${port}/backups` })],
  [
    "a bucket behind TLS, by an authority of one's own",
    () =>
      place({
        url: `https://127.0.0.1:${tlsPort}/backups`,
        caFile: certificateFile(join(folder, "pki")),
      }),
  ],
];

describe.each(PLACES)("%s", (_, open) => keepsBackups(() => folder, open));

test("what lies in folders above, below and beside is not listed", async () => {
  writeFileSync(join(folder, NAME), "one");
  const url = `http://127.0.0.1:${port}/backups`;
  const below = place({ url: `${url}/school/deeper` });
  const beside = place({ url: `${url}/school-2` });
  for (const each of [below, beside]) await each.put(join(folder, NAME), signal);
  expect(await place({ url: `${url}/school` }).list(signal)).toEqual([]);
  for (const each of [below, beside]) await each.remove(NAME, signal);
});

test("a backup larger than a part comes whole, and nothing of an upload that failed is left", async () => {
  const file = join(folder, NAME);
  const bytes = randomBytes(2 * PART_BYTES + 12_345);
  writeFileSync(file, bytes);
  await place().put(file, signal);
  await place().get(NAME, join(folder, "fetched"), signal);
  expect(readFileSync(join(folder, "fetched")).equals(bytes)).toBe(true);
  await place().remove(NAME, signal);

  const failing = await Relay.start(port, ({ method, url = "" }) =>
    method === "PUT" && url.includes("partNumber=2") ? 500 : undefined,
  );
  const behind = place({ url: `http://127.0.0.1:${failing.port}/backups/parts` });
  await expect(behind.put(file, signal)).rejects.toThrow("it answers 500");
  expect(failing.asked.filter((each) => each.includes("partNumber=2"))).toHaveLength(3);
  expect(failing.asked.at(-1)).toMatch(/^DELETE .*uploadId=/);
  expect(await behind.list(signal)).toEqual([]);
  failing.close();
});

test("what fails for a moment is tried again", async () => {
  let failures = 2;
  const relay = await Relay.start(port, () => (failures-- > 0 ? 503 : undefined));
  const behind = place({ url: `http://127.0.0.1:${relay.port}/backups/moment` });
  writeFileSync(join(folder, NAME), "one");
  await behind.put(join(folder, NAME), signal);
  expect(relay.asked).toHaveLength(3);
  expect(await behind.list(signal)).toEqual([NAME]);
  await behind.remove(NAME, signal);
  relay.close();
});

test("an end of the connection in the middle of a backup is no backup", async () => {
  writeFileSync(join(folder, NAME), randomBytes(PART_BYTES));
  await place().put(join(folder, NAME), signal);
  const relay = await Relay.start(port, () => undefined, 100_000);
  const behind = place({ url: `http://127.0.0.1:${relay.port}/backups/a school/of ours` });
  await expect(behind.get(NAME, join(folder, "half"), signal)).rejects.toThrow();
  await place().remove(NAME, signal);
  relay.close();
});

/** As S3 answers where there is more, by the reference of ListObjectsV2. */
const listed = (names: readonly string[], next: string | undefined): string =>
  `<?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>backups</Name>
  <IsTruncated>${next !== undefined}</IsTruncated>${next === undefined ? "" : `<NextContinuationToken>${next}</NextContinuationToken>`}
  ${names.map((name) => `<Contents><Key>${name}</Key><Size>3</Size></Contents>`).join("")}</ListBucketResult>`;

test("a list of several pages is read to its end", async () => {
  const relay = await Relay.start(port, ({ url = "" }) =>
    url.includes("continuation-token=1%2F2%3D%3D")
      ? said(listed(["c"], undefined))
      : said(listed(["a", "b"], "1/2==")),
  );
  expect(await place({ url: `http://127.0.0.1:${relay.port}/backups` }).list(signal)).toEqual([
    "a",
    "b",
    "c",
  ]);
  relay.close();
});

test("a list without an end is not read for ever", async () => {
  const relay = await Relay.start(port, () => said(listed(["a"], "again")));
  await expect(place({ url: `http://127.0.0.1:${relay.port}/backups` }).list(signal)).rejects.toThrow(
    "a folder of their own",
  );
  expect(relay.asked).toHaveLength(100);
  relay.close();
});

test("an upload that the server cannot put together in the end has failed, whatever it said at first", async () => {
  const late = '<?xml version="1.0"?><Error><Code>InternalError</Code><Message>later</Message></Error>';
  const relay = await Relay.start(port, ({ method, url = "" }) =>
    method === "POST" && url.includes("uploadId=") ? said(late) : undefined,
  );
  writeFileSync(join(folder, NAME), randomBytes(PART_BYTES + 1));
  const behind = place({ url: `http://127.0.0.1:${relay.port}/backups/late` });
  await expect(behind.put(join(folder, NAME), signal)).rejects.toThrow("InternalError: later");
  relay.close();
});

describe("says what to do", () => {
  const refusals: readonly (readonly [what: string, open: () => Place, says: RegExp])[] = [
    [
      "where the key is not known",
      () => place({ credentialsFile: keys("AKIA0", "S3RVER") }),
      /does not know the access key/,
    ],
    [
      "where the secret is wrong",
      () => place({ credentialsFile: keys("S3RVER", "s3cret") }),
      /secret does not belong/,
    ],
    [
      "where the bucket is missing",
      () => place({ url: `http://127.0.0.1:${port}/backup/x` }),
      /no such bucket/,
    ],
    [
      "where the authority is not known",
      () => place({ url: `https://127.0.0.1:${tlsPort}/backups` }),
      /certificate is not to be trusted .*caFile/,
    ],
    ["where nobody answers", () => place({ url: "http://127.0.0.1:1/backups" }), /nobody answers/],
    [
      "where the keys' file is open to others",
      () => place({ credentialsFile: keys("S3RVER", "S3RVER", 0o644) }),
      /can be read by others/,
    ],
    [
      "where the keys' file lacks one",
      () => place({ credentialsFile: certificateFile(join(folder, "pki")) }),
      /can be read by others|needs a line aws_access_key_id/,
    ],
  ];

  test.each(refusals)("%s", async (_, open, says) => {
    const refused = await open()
      .list(signal)
      .catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(OperatorError);
    expect((refused as OperatorError).message).toMatch(says);
    expect((refused as OperatorError).message).not.toContain("s3cret");
  });
});

/** As the S3 API reference has its error responses. */
const refusal = (code: string, message: string, more = ""): Answer => ({
  status: 403,
  text: `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message>${more}<RequestId>4442587FB7D0A2F9</RequestId></Error>`,
});

const EXPLAINED: readonly (readonly [what: string, answer: Answer, says: RegExp])[] = [
  [
    "clocks that differ",
    refusal(
      "RequestTimeTooSkewed",
      "The difference between the request time and the server's time is too large.",
    ),
    /here it is Sun, 22 Nov 2026 10:00:00 GMT, there \w+, \d+ .*; set the clock/,
  ],
  [
    "another region",
    refusal("AuthorizationHeaderMalformed", "the region is wrong", "<Region>cn-north-1</Region>"),
    /its region is cn-north-1 and not us-east-1; say region: cn-north-1$/,
  ],
  [
    "another address",
    refusal("PermanentRedirect", "elsewhere", "<Endpoint>backups.s3.example</Endpoint>"),
    /another address, backups.s3.example/,
  ],
  [
    "a key without the right",
    refusal("AccessDenied", "not yours"),
    /needs the rights to list .* appendOnly .* \(not yours\)$/,
  ],
  [
    "a proxy in between",
    { status: 403, text: "<html>a proxy</html>" },
    /answers 403 without saying why, .* is the address right\?$/,
  ],
  [
    "a web site",
    { status: 200, text: "<html>a web site</html>" },
    /without ListBucketResult, .* is the address right\?$/,
  ],
];

test.each(EXPLAINED)("what is there is explained: %s", async (_, answer, says) => {
  const relay = await Relay.start(port, () => answer);
  const behind = place(
    { url: `http://127.0.0.1:${relay.port}/backups` },
    { now: () => Date.UTC(2026, 10, 22, 10) },
  );
  await expect(behind.list(signal)).rejects.toThrow(says);
  expect(relay.asked).toHaveLength(1);
  relay.close();
});

test("a bucket that is part of the server's name is asked for by that name", async () => {
  const asked: string[] = [];
  const relay = await Relay.start(port, ({ headers, method, url }) => {
    asked.push(`${method} ${headers.host}${url?.replace(/\?.*/, "")}`);
    return said(listed([], undefined));
  });
  const [address, family] = ["127.0.0.1", 4] as const;
  const behind = place(
    { url: `http://s3.school.example:${relay.port}/backups/of ours`, addressing: "virtual-host" },
    {
      lookup: (_, { all }, found) =>
        all === true ? found(null, [{ address, family }]) : found(null, address, family),
    },
  );
  await behind.list(signal);
  await behind.remove(NAME, signal);
  const host = `backups.s3.school.example:${relay.port}`;
  expect(asked).toEqual([`GET ${host}/`, `DELETE ${host}/of%20ours/${NAME}`]);
  relay.close();
});

test("a place that is stopped stops, and says no more than that", async () => {
  const stopping = new AbortController();
  const relay = await Relay.start(port, () => {
    stopping.abort();
    return 503;
  });
  const behind = place({ url: `http://127.0.0.1:${relay.port}/backups` }, { pauses_ms: [60_000] });
  await expect(behind.list(stopping.signal)).rejects.toThrow("aborted");
  relay.close();
});

interface Answer {
  readonly status: number;
  readonly text: string;
}

const said = (text: string): Answer => ({ status: 200, text });

/** Between us and the server: hands on, or answers itself with a status or a document. */
class Relay {
  readonly asked: string[] = [];
  readonly #server: Server;

  static async start(
    target: number,
    answers: (asked: IncomingMessage) => Answer | number | undefined,
    /** The connection ends after so many bytes of an answer. */
    bytes = Number.POSITIVE_INFINITY,
  ): Promise<Relay> {
    const relay = new Relay(target, answers, bytes);
    relay.#server.listen(0, "127.0.0.1");
    await once(relay.#server, "listening");
    return relay;
  }

  private constructor(
    target: number,
    answers: (asked: IncomingMessage) => Answer | number | undefined,
    bytes: number,
  ) {
    this.#server = createServer((asked, answer) => {
      this.asked.push(`${asked.method} ${asked.url}`);
      const own = answers(asked);
      if (own === undefined) return handOn(target, asked, answer, bytes);
      const { status, text } = typeof own === "number" ? { status: own, text: "" } : own;
      asked.resume();
      asked.once("end", () => answer.writeHead(status).end(text));
    });
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

/** The host's name is part of what was signed, and stays. */
function handOn(target: number, asked: IncomingMessage, answer: ServerResponse, bytes: number): void {
  const { headers, method, url } = asked;
  const further = request({ host: "127.0.0.1", port: target, method, path: url, headers }, (said) => {
    answer.writeHead(said.statusCode ?? 0, said.headers);
    let passed = 0;
    said.on("data", (chunk: Buffer) => {
      passed += chunk.length;
      if (passed > bytes) answer.destroy();
      else answer.write(chunk);
    });
    said.on("end", () => answer.end());
  });
  asked.pipe(further);
}
