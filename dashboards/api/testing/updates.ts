/** A stand-in for updates: a bundle, a roll-out to a box of each county, and acts that are taken at their word. */
import type { FastifyInstance } from "fastify";
import type { BundleView, NewRollOut, RollOut, UpdatesView } from "../../updates/api.ts";

export const BUNDLE: BundleView = {
  sha256: "a".repeat(64),
  bytes: 9,
  compatible: "campus-ops-edge-amd64",
  version: "0.2.0",
  signer: "release",
  uploadedAt: 1,
  by: "li",
};

const rollOut = (id: string, boxes: readonly string[]): RollOut => ({
  id,
  bundle: BUNDLE.sha256,
  version: "0.2.0",
  compatible: BUNDLE.compatible,
  state: "stopped",
  reason: { zh: "失败", en: "failed" },
  wave: 0,
  urgent: false,
  forgiven: 0,
  boxes: boxes.map((box) => ({
    box,
    step: "waiting",
    attempt: 1,
    stage: "",
    quiet_ms: 0,
    told_ms: 0,
    told: 0,
  })),
  beganAt: 1,
  by: "li",
  lookedAt: 2,
});

const VIEW: UpdatesView = {
  takesBundles: true,
  bundles: [BUNDLE],
  rollOuts: [rollOut("r1", ["first/box", "third/box"]), rollOut("r2", ["first/box"])],
  pins: [
    { box: "first/box", by: "li", at: 1 },
    { box: "third/box", by: "li", at: 1, why: "exam" },
  ],
  waves: [0.01, 0.1, 1],
  schoolIsOut: false,
};

export function answerUpdates(
  server: FastifyInstance,
  received: { readonly path: string; readonly body: unknown }[],
): void {
  server.addContentTypeParser("application/octet-stream", { parseAs: "string" }, (_request, body, done) =>
    done(null, body),
  );
  server.get("/updates", () => VIEW);
  server.post("/updates/bundles", ({ body, url }, reply) => {
    received.push({ path: url, body });
    if (body !== "a bundle")
      return reply.code(409).send({ title: "Not possible", said: { zh: "签名无效", en: "not signed" } });
    return BUNDLE;
  });
  server.post<{ Body: NewRollOut }>("/updates/roll-outs", ({ body, url }) => {
    received.push({ path: url, body });
    return rollOut("r3", body.boxes);
  });
  server.post("/updates/roll-outs/:id/:act", ({ body, url }) => {
    received.push({ path: url, body });
    return rollOut("r2", ["first/box"]);
  });
  for (const url of ["/updates/pins", "/updates/bundles/:sha256"])
    server.route({
      method: ["PUT", "DELETE"],
      url,
      handler: (request, reply) => {
        received.push({ path: `${request.method} ${request.url}`, body: request.body });
        return reply.code(204).send();
      },
    });
}
