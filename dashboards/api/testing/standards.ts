/** What rules answers about standards, as far as the API's tests ask. */
import type { FastifyInstance } from "fastify";
import type { DeclarationView, ExaminationView, StandardReport } from "../api.ts";

const title = (text: string) => ({ zh: text, en: text });

const STANDARD_REPORT: StandardReport = {
  standard: "handan",
  title: title("standard"),
  source: title("2021"),
  campus: "first",
  path: "990100/990102/first",
  from: 1,
  to: 2,
  at: 3,
  examineAgainBy: 4,
  completeness: 0.5,
  points: { total: 100, met: 1, notMet: 0, notVerified: 2, notMeasured: 97 },
  score: 100,
  veto: "not-verified",
  items: [
    {
      id: "separation",
      title: title("separation"),
      clause: "1",
      level: "should",
      points: 1,
      veto: false,
      verdict: "met",
      completeness: 1,
      checks: [
        {
          id: "separated",
          title: title("separated"),
          evidence: "declared",
          atLeast: 1,
          low: 1,
          high: 1,
          verdict: "met",
          completeness: 1,
          records: [{ subject: "separated", value: 1, at: 2, by: "director", note: "plan" }],
          recordsLeftOut: 0,
        },
      ],
    },
  ],
};

const DECLARATION: DeclarationView = {
  campus: "first",
  about: "separated",
  value: true,
  evidence: "plan",
  by: "director",
  at: 2,
};

const EXAMINATION: ExaminationView = {
  number: 1,
  standard: "handan",
  campus: "first",
  due: 2,
  from: 1,
  to: 2,
  at: 3,
  examineAgainBy: 4,
  by: "schedule",
  completeness: 0.5,
  points: { total: 100, met: 1, notMet: 2, notVerified: 3, notMeasured: 94 },
  score: 33,
  veto: "met",
  items: [{ id: "separation", title: title("separation"), verdict: "met" }],
};

/** Writes down what is posted. */
export function answerStandards(server: FastifyInstance, received: { path: string; body: unknown }[]): void {
  server.get("/standards", () => [
    {
      id: "handan",
      title: title("standard"),
      source: title("2021"),
      total: 100,
      examinedEvery: 12,
      declarable: [{ about: "separated", title: title("separated"), kind: "yes" }],
    },
  ]);
  server.get("/standards/handan/report", () => STANDARD_REPORT);
  server.get("/standards/handan/report.html", (request, reply) =>
    reply.type("text/html").send(`<p>by ${(request.query as { by: string }).by}`),
  );
  server.get("/standards/handan/history", () => [
    { item: "separation", verdict: "met", completeness: 1, from: 1, to: 2, at: 3 },
  ]);
  server.get("/standards/handan/declarations", () => [DECLARATION]);
  server.get("/standards/handan/examinations", () => [EXAMINATION]);
  server.post("/standards/handan/examinations", (request) => {
    received.push({ path: request.url, body: request.body });
    return EXAMINATION;
  });
  server.get("/standards/handan/examinations/1.html", (_, reply) =>
    reply.type("text/html").send("<p>signed"),
  );
  server.post("/standards/handan/declarations", (request) => {
    received.push({ path: request.url, body: request.body });
    return DECLARATION;
  });
}
