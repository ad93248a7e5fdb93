import { execFileSync } from "node:child_process";
import { generateKeyPairSync, X509Certificate } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { identityOfNames } from "@campus-ops/device-profiles/vocabulary";
import { askEnrolment, certificateRequest, EnrolmentError } from "@campus-ops/edge-agent/enrolment";
import { connectPinned, PinnedTlsError } from "@campus-ops/edge-agent/pinned-tls";
import { describe, expect, test } from "vitest";
import { readRequest } from "./certificate-request.ts";
import { DAY_MS, edgeIdentity, TestEnrolment } from "./testing/test-enrolment.ts";

const newKey = (curve = "P-256"): string =>
  generateKeyPairSync("ec", { namedCurve: curve })
    .privateKey.export({ type: "pkcs8", format: "pem" })
    .toString();

/** The code of a refusal, over the wire. */
async function refusal(asked: Promise<unknown>): Promise<string> {
  const error = await asked.then(
    () => undefined,
    (each: unknown) => each,
  );
  return error instanceof EnrolmentError ? error.code : `not refused: ${String(error)}`;
}

const enrol = (hub: TestEnrolment, token: string, key = newKey()) =>
  askEnrolment(hub.address, "/v1/enrol", { token, request: certificateRequest(key, "box") });

describe("a certificate request", () => {
  test("of a box is sound for OpenSSL, whatever the name", async () => {
    await using hub = await TestEnrolment.start();
    for (const name of ["box", "启云.一号盒", "x".repeat(200)]) {
      const file = join(hub.top, "request.pem");
      writeFileSync(file, certificateRequest(newKey(), name));
      const told = execFileSync("openssl", ["req", "-in", file, "-verify", "-noout"], { stdio: "pipe" });
      expect(told.length).toBe(0);
    }
  });

  test.each<[string, (sound: string) => string]>([
    ["that is none", () => "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n"],
    ["that is too long", (sound) => sound.replace("\n", `\n${"A".repeat(5_000)}\n`)],
    ["that was changed", otherwiseSigned],
    ["of another curve", () => certificateRequest(newKey("P-384"), "box")],
  ])("%s is refused", async (_, change) => {
    expect(await readRequest(change(certificateRequest(newKey(), "box")))).toBeUndefined();
  });
});

/** The last byte of a request is its signature's. */
function otherwiseSigned(pem: string): string {
  const [begin = "", ...body] = pem.trim().split("\n");
  const end = body.pop() ?? "";
  const der = Buffer.from(body.join(""), "base64");
  der.writeUInt8(der.readUInt8(der.length - 1) ^ 1, der.length - 1);
  return `${begin}\n${der.toString("base64")}\n${end}\n`;
}

describe("a token", () => {
  test("brings one box its certificate and what it has to know", async () => {
    await using hub = await TestEnrolment.start();
    const token = hub.token();
    expect(token).toMatch(/^([0-9A-HJKMNP-TV-Z]{5}-){5}[0-9A-HJKMNP-TV-Z]$/);
    const answer = await enrol(hub, token);
    const certificate = new X509Certificate(answer.certificate);
    expect(identityOfNames(certificate.subjectAltName)).toEqual(edgeIdentity("qiyun-no1", "box-1"));
    expect(answer.authority).toBe(hub.authority.certificate);
    expect(answer.configuration).toMatchObject({ primaryHost: "hub", node: { id: "box-1" } });
    expect(hub.store.audit(10)).toMatchObject([
      { action: "enrol", outcome: "done", subject: "campus-ops://edge/qiyun-no1/box-1" },
      { action: "token", outcome: "done", who: "tester" },
    ]);
  });

  test("answers the same key with the same certificate, however often and at once, and another key with a refusal", async () => {
    await using hub = await TestEnrolment.start();
    const token = hub.token();
    const key = newKey();
    const answers = await Promise.all([1, 2, 3, 4].map(() => enrol(hub, token, key)));
    expect(new Set(answers.map(({ certificate }) => certificate)).size).toBe(1);
    expect(await refusal(enrol(hub, token))).toBe("token-used");
    expect(hub.store.certificates()).toHaveLength(1);
  });

  test("is not kept as it is, and not spent on a request that is no good", async () => {
    await using hub = await TestEnrolment.start();
    const token = hub.token();
    const bad = askEnrolment(hub.address, "/v1/enrol", { token, request: "nonsense" });
    expect(await refusal(bad)).toBe("request-malformed");
    await enrol(hub, token.toLowerCase().replaceAll("-", " "));
    for (const file of readdirSync(hub.folder)) {
      expect(readFileSync(join(hub.folder, file), "latin1")).not.toContain(token.replaceAll("-", ""));
    }
  });

  test("that nobody made, or that is over, is refused and recorded", async () => {
    await using hub = await TestEnrolment.start();
    expect(await refusal(enrol(hub, "7ZK3M-9Q0W5-X2Y8R-4T6V1-B0C9D-8"))).toBe("token-unknown");
    const token = hub.token();
    hub.pass(3.01);
    expect(await refusal(enrol(hub, token))).toBe("token-expired");
    expect(hub.store.audit(3).map(({ outcome }) => outcome)).toEqual([
      "token-expired",
      "done",
      "token-unknown",
    ]);
  });

  test("for a box that has a certificate is made only to replace it, and the old one is then locked out", async () => {
    await using hub = await TestEnrolment.start();
    const spare = hub.token();
    const { certificate } = await enrol(hub, hub.token());
    expect(await refusal(enrol(hub, spare))).toBe("identity-taken");
    expect(() => hub.token()).toThrow("--replace");
    const replacing = hub.token("qiyun-no1", "box-1", true);
    expect(hub.denied()).toBe("");
    await enrol(hub, replacing);
    const { serialNumber } = new X509Certificate(certificate);
    expect(hub.denied()).toContain(`${serialNumber.toLowerCase()}  # `);
    expect(hub.store.certificate(serialNumber.toLowerCase())?.revoked).toBe(hub.now);
  });

  test("is not spent while the authority's key is away", async () => {
    await using hub = await TestEnrolment.start();
    const token = hub.token();
    const key = join(hub.folder, "ca.key");
    execFileSync("mv", [key, `${key}.away`]);
    expect(await refusal(enrol(hub, token))).toBe("hub-error");
    execFileSync("mv", [`${key}.away`, key]);
    await enrol(hub, token);
  });
});

describe("a renewal", () => {
  async function enrolled(hub: TestEnrolment) {
    const key = newKey();
    const { certificate } = await enrol(hub, hub.token(), key);
    const identity = { key, cert: certificate };
    const renew = (next = newKey(), as = identity) =>
      askEnrolment({ ...hub.address, identity: as }, "/v1/renew", {
        request: certificateRequest(next, "box"),
      });
    return { key, certificate, renew };
  }

  test("is for whoever holds the present certificate, overlaps with it, and can be asked for again", async () => {
    await using hub = await TestEnrolment.start();
    const { certificate, renew } = await enrolled(hub);
    hub.pass(60);
    const next = newKey();
    const [first, again] = [await renew(next), await renew(next)];
    expect(again.certificate).toBe(first.certificate);
    const [before, after] = [new X509Certificate(certificate), new X509Certificate(first.certificate)];
    expect(after.validToDate.getTime() - before.validToDate.getTime()).toBe(60 * DAY_MS);
    expect(after.subjectAltName).toBe(before.subjectAltName);
    expect(hub.denied()).toBe("");
  });

  test("without a certificate, or with a stranger's, is refused", async () => {
    await using hub = await TestEnrolment.start();
    await using other = await TestEnrolment.start();
    const { renew } = await enrolled(hub);
    const theirs = await enrolled(other);
    const request = certificateRequest(newKey(), "box");
    expect(await refusal(askEnrolment(hub.address, "/v1/renew", { request }))).toBe("certificate-stranger");
    const identity = { key: theirs.key, cert: theirs.certificate };
    expect(await refusal(askEnrolment({ ...hub.address, identity }, "/v1/renew", { request }))).toBe(
      "certificate-stranger",
    );
    await renew();
  });

  test("of a certificate that has ended waits for a person, up to 30 days", async () => {
    await using hub = await TestEnrolment.start({ daysAgo: 91 });
    const { renew } = await enrolled(hub);
    const identity = edgeIdentity("qiyun-no1", "box-1");
    hub.pass(91);
    expect(() => hub.enrolment.approve(identity, "tester")).toThrow("no box asks");
    expect(await refusal(renew())).toBe("approval-needed");
    hub.enrolment.approve(identity, "tester");
    await renew();
    expect(hub.store.audit(2)).toMatchObject([
      { action: "renew", outcome: "done" },
      { action: "approve", who: "tester" },
    ]);
    hub.pass(90 + 31);
    expect(await refusal(renew())).toBe("certificate-expired");
  });

  test("of a revoked certificate is refused for good, and the broker is told of it", async () => {
    await using hub = await TestEnrolment.start();
    const { certificate, renew } = await enrolled(hub);
    expect(hub.enrolment.revoke(edgeIdentity("qiyun-no1", "box-1"), "stolen", "tester")).toBe(1);
    expect(await refusal(renew())).toBe("certificate-revoked");
    expect(hub.denied()).toContain(new X509Certificate(certificate).serialNumber.toLowerCase());
  });
});

test("a box that does not know the time believes in a hub whose certificate has not begun for it, and in none that is over", async () => {
  await using hub = await TestEnrolment.start();
  const { pin, host, port } = hub.address;
  const connect = async (wall: number, untrusted?: true): Promise<string> => {
    const now = untrusted === undefined ? { wall } : { wall, untrusted };
    return await connectPinned({ host, port, pin, now }).then(
      (socket) => {
        socket.destroy();
        return "believed";
      },
      (error: unknown) => (error instanceof PinnedTlsError ? error.kind : String(error)),
    );
  };
  expect(await connect(0)).toBe("time");
  expect(await connect(0, true)).toBe("believed");
  expect(await connect(hub.now)).toBe("believed");
  expect(await connect(hub.now + 400 * DAY_MS, true)).toBe("time");
});

describe("the listener", () => {
  test("lets one address ask so often and no more", async () => {
    await using hub = await TestEnrolment.start({ requestsAMinute: 3 });
    for (let count = 0; count < 3; count += 1) expect(await refusal(enrol(hub, "x"))).toBe("token-unknown");
    expect(await refusal(enrol(hub, hub.token()))).toBe("too-many");
  });

  test("is believed only with the authority that was named, and under a name it has", async () => {
    await using hub = await TestEnrolment.start();
    const body = { token: hub.token(), request: certificateRequest(newKey(), "box") };
    const ask = (change: object) => refusal(askEnrolment({ ...hub.address, ...change }, "/v1/enrol", body));
    expect(await ask({ pin: "0".repeat(64) })).toBe("pin-mismatch");
    expect(await ask({ host: "localhost" })).toBe("hub-name");
    expect(await ask({ now: 0 })).toBe("hub-certificate-time");
    expect(await ask({ now: hub.now + 400 * DAY_MS })).toBe("hub-certificate-time");
    expect(await ask({ port: 1 })).toBe("hub-unreachable");
    expect(hub.store.certificates()).toHaveLength(0);
  });

  test("reads no more than a request is long", async () => {
    await using hub = await TestEnrolment.start();
    const asked = askEnrolment(hub.address, "/v1/enrol", {
      token: hub.token(),
      request: "x".repeat(100_000),
    });
    expect(["request-malformed", "hub-unreachable"]).toContain(await refusal(asked));
  });
});

test("a request that a person carries is signed, once for each key, and not for a box that has a certificate", async () => {
  await using hub = await TestEnrolment.start();
  const identity = edgeIdentity("qiyun-no1", "box-2");
  const sign = (request: string, replaces = false) =>
    hub.enrolment.sign(request, { identity, replaces }, "tester");
  const request = certificateRequest(newKey(), "box");
  const first = await sign(request);
  expect(await sign(request)).toBe(first);
  await expect(sign(certificateRequest(newKey(), "box"))).rejects.toThrow("--replace");
  await expect(sign("nonsense")).rejects.toThrow("no certificate request");
  expect(await sign(certificateRequest(newKey(), "box"), true)).not.toBe(first);
  expect(hub.denied()).toContain(new X509Certificate(first).serialNumber.toLowerCase());
  expect(() => hub.token("a".repeat(40), "b".repeat(40))).toThrow("64 characters");
});
