/** A stand-in for enrolment: a box of each county, and decisions that are taken at their word. */
import type { FastifyInstance } from "fastify";
import type { BoxList, IssuedBoxes, NewBoxes, SignedFile } from "../../enrolment/api.ts";

const LIST: BoxList = {
  boxes: [
    { campus: "first", node: "box", state: "waiting", notAfter: 5, way: "token" },
    { campus: "third", node: "box", state: "good", notAfter: 5, way: "renewal", invitedUntil: 6 },
  ],
  hub: "hub.example:8884",
  fingerprint: "0".repeat(64),
};

export function answerBoxes(
  server: FastifyInstance,
  received: { readonly path: string; readonly body: unknown }[],
): void {
  server.get("/boxes", () => LIST);
  server.post<{ Body: NewBoxes }>("/boxes/tokens", ({ body, url }): IssuedBoxes => {
    received.push({ path: url, body });
    return {
      issued: body.boxes.map(({ campus, node }) => ({ campus, node, seed: "token=A", expires: 9 })),
      refused: [],
    };
  });
  server.post<{ Params: { decision: string } }>("/boxes/:campus/:node/:decision", (request, reply) => {
    received.push({ path: request.url, body: request.body });
    if (request.params.decision === "release" && request.url.includes("/first/box/"))
      return reply.code(409).send({
        title: "Not possible",
        said: { zh: "first/box 没有被停用", en: "first/box is not shut out" },
      });
    if (request.params.decision !== "signature") return reply.code(204).send();
    const signed: SignedFile = { name: "first.box.enrolment.json", text: "{}" };
    return reply.send(signed);
  });
}
