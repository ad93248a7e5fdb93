import { generateKeyPairSync } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { denyCertificates, TWIN_REASON } from "@campus-ops/broker/deny-list";
import type { BoxList, IssuedBoxes, SignedFile } from "@campus-ops/dashboards/enrolment";
import { readSeed } from "@campus-ops/edge-agent/core/seed";
import { askEnrolment, certificateRequest } from "@campus-ops/edge-agent/enrolment";
import { createLog, createMetrics } from "@campus-ops/service";
import { expect, test } from "vitest";
import { Boxes } from "./boxes.ts";
import { chainAudit } from "./chained-audit.ts";
import { deniedFile } from "./configuration.ts";
import { privateApi } from "./private-api.ts";
import { TestEnrolment } from "./testing/test-enrolment.ts";

const newKey = (): string =>
  generateKeyPairSync("ec", { namedCurve: "P-256" })
    .privateKey.export({ type: "pkcs8", format: "pem" })
    .toString();

const HUB = `site:
  city: { code: "990100", title: { zh: 临澜市, en: Linlan } }
  counties:
    - { code: "990102", title: { zh: 启云区, en: Qiyun }, campuses: [{ id: qiyun-no1, title: { zh: 一中, en: No. 1 } }] }
`;

function console_(hub: TestEnrolment) {
  const config = join(hub.top, "hub.yaml");
  writeFileSync(config, HUB);
  const boxes = new Boxes({
    overlays: () => [],
    opened: hub,
    configuration: {
      folder: hub.folder,
      listen: { host: "127.0.0.1", port: hub.port },
      names: ["127.0.0.1"],
      brokerUrl: "mqtts://127.0.0.1:8883",
      hostId: "hub",
      mosquitto: undefined,
      updates: { keyring: undefined, bytesPerSecondMax: 1_000_000 },
    },
    config,
    now: () => hub.now,
    onChange: () => undefined,
  });
  const server = privateApi(boxes, {
    health: () => ({}),
    log: createLog("enrolment", "silent"),
    registry: createMetrics("test"),
  });
  const post = async (url: string, payload: object) => {
    const answer = await server.inject({ method: "POST", url, payload });
    return { status: answer.statusCode, body: answer.body === "" ? undefined : (answer.json() as unknown) };
  };
  const states = async (): Promise<readonly (readonly [string, string])[]> =>
    ((await server.inject("/boxes")).json() as BoxList).boxes.map(({ node, state }) => [node, state]);
  return { post, states };
}

const by = "console:wang";

async function invited(post: ReturnType<typeof console_>["post"], node: string) {
  const { body } = await post("/boxes/tokens", { by, boxes: [{ campus: "qiyun-no1", node }] });
  const [issued] = (body as IssuedBoxes).issued;
  const read = readSeed(Buffer.from(issued?.seed ?? ""));
  if (read.seed === undefined) throw new Error(JSON.stringify(read));
  return read.seed;
}

test("a box that was invited in the console enrols with its seed file, and is listed from the invitation to its end", async () => {
  await using hub = await TestEnrolment.start();
  const { post, states } = console_(hub);
  const seed = await invited(post, "box-1");
  expect(seed).toMatchObject({ host: "127.0.0.1", port: hub.port, pin: hub.authority.pin });
  expect(await states()).toEqual([["box-1", "invited"]]);
  const { token } = seed;
  await askEnrolment(hub.address, "/v1/enrol", { token, request: certificateRequest(newKey(), "box") });
  expect(await states()).toEqual([["box-1", "good"]]);
  hub.pass(80);
  expect(await states()).toEqual([["box-1", "ending"]]);
  hub.pass(20);
  expect(await states()).toEqual([["box-1", "ended"]]);
  expect((await post("/boxes/qiyun-no1/box-1/revocation", { by, why: "stolen" })).status).toBe(204);
  expect(await states()).toEqual([["box-1", "revoked"]]);
});

test("of several boxes those that can be are invited, and for the others it is said why", async () => {
  await using hub = await TestEnrolment.start();
  const { post } = console_(hub);
  const boxes = [
    { campus: "qiyun-no1", node: "box-1" },
    { campus: "qiyun-no2", node: "box-1" },
    { campus: "qiyun-no1", node: "Box 2" },
  ];
  const { body } = await post("/boxes/tokens", { by, boxes });
  const { issued, refused } = body as IssuedBoxes;
  expect(issued.map(({ node }) => node)).toEqual(["box-1"]);
  expect(refused.map(({ index }) => index)).toEqual([1, 2]);
  expect(refused[0]?.detail).toContain("did you mean qiyun-no1");
});

test("a certificate that was found on two machines is let in again when somebody says so, and a revoked one never", async () => {
  await using hub = await TestEnrolment.start();
  const { post, states } = console_(hub);
  const request = certificateRequest(newKey(), "box");
  const signed = await post("/boxes/qiyun-no1/box-1/signature", { by, request });
  expect(JSON.parse((signed.body as SignedFile).text)).toMatchObject({
    authority: hub.authority.certificate,
    enrolmentUrl: `https://127.0.0.1:${hub.port}`,
  });
  const [serial = ""] = hub.store.certificates().map((row) => row.serial);
  expect((await post("/boxes/qiyun-no1/box-1/release", { by })).status).toBe(409);
  denyCertificates(deniedFile(hub.folder), ["0badcafe"], "stolen");
  denyCertificates(deniedFile(hub.folder), [serial], TWIN_REASON);
  expect(await states()).toEqual([["box-1", "quarantined"]]);
  expect((await post("/boxes/qiyun-no1/box-1/release", { by })).status).toBe(204);
  expect(await states()).toEqual([["box-1", "good"]]);
  expect(hub.denied()).toContain("0badcafe");
  await post("/boxes/qiyun-no1/box-1/revocation", { by });
  expect((await post("/boxes/qiyun-no1/box-1/release", { by })).status).toBe(409);
  expect(hub.denied()).toContain(serial);
});

test("the hub's audit trail holds once what boxes and the command did; nothing of strangers, and nothing twice that the console did", async () => {
  await using hub = await TestEnrolment.start();
  const { post } = console_(hub);
  const entries: object[] = [];
  const trail = {
    append: (entry: object, from: object = {}) => void entries.push({ ...entry, ...from }),
    close: () => undefined,
  };
  const seed = await invited(post, "box-1");
  const { token } = seed;
  hub.enrolment.note("revoke", "campus-ops://edge/qiyun-no1/box-9", "li");
  const request = certificateRequest(newKey(), "box");
  await askEnrolment(hub.address, "/v1/enrol", { token, request });
  await askEnrolment(hub.address, "/v1/enrol", { token: "AAAAA", request }).catch(() => undefined);
  await askEnrolment(hub.address, "/v1/enrol", {
    token,
    request: certificateRequest(newKey(), "box"),
  }).catch(() => undefined);
  expect(chainAudit(hub.store, trail)).toBe(5);
  expect(chainAudit(hub.store, trail)).toBe(0);
  expect(entries).toMatchObject([
    { user: "li", action: "box.revoke", box: "qiyun-no1/box-9", result: "done" },
    { user: "box", action: "box.enrol", result: "done", address: expect.stringContaining("127.0.0.1") },
    { user: "box", action: "box.enrol", result: "refused", outcome: "token-used" },
  ]);
  expect(entries).toHaveLength(3);
});
