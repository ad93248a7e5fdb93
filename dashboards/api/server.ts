/** The public API and the console's files, as one fastify server. Everything it needs is handed in. */

import helmet from "@fastify/helmet";
import statics from "@fastify/static";
import swagger from "@fastify/swagger";
import fastify, { type FastifyError, type FastifyInstance } from "fastify";
import { auditing } from "./auditing.ts";
import { compressAnswers } from "./compressed.ts";
import { fileOf } from "./contents.ts";
import { tagAnswers } from "./entity-tags.ts";
import { flowEditor } from "./flow-editor.ts";
import { demandWholeHub } from "./identity.ts";
import { refuseDeepBodies } from "./nesting.ts";
import { pageAnswers } from "./paging.ts";
import type { ApiParts } from "./parts.ts";
import { guard } from "./permission.ts";
import { POLICY_ENDPOINT, POLICY_REPORTS_PATH, policyReports } from "./policy-reports.ts";
import { ApiProblem, PROBLEM_ANSWER, problemSchema, sendProblem } from "./problem.ts";
import { byFastify, byTheSchema } from "./refused-input.ts";
import { accountRoutes } from "./routes/accounts.ts";
import { alarmFigureRoutes } from "./routes/alarm-figures.ts";
import { alarmRoutes } from "./routes/alarms.ts";
import { auditRoutes } from "./routes/audit.ts";
import { backupRoutes } from "./routes/backups.ts";
import { bandwidthRoutes } from "./routes/bandwidth.ts";
import { cameraLookRoutes } from "./routes/camera-looks.ts";
import { commissioningRoutes } from "./routes/commissioning.ts";
import { confirmationRoutes } from "./routes/confirmations.ts";
import { demonstrationRoutes } from "./routes/demonstration.ts";
import { deviceNoteRoutes } from "./routes/device-notes.ts";
import { deviceRoutes } from "./routes/devices.ts";
import { drillRoutes } from "./routes/drills.ts";
import { enrolmentRoutes } from "./routes/enrolment.ts";
import { flowRoutes } from "./routes/flows.ts";
import { healthRoutes } from "./routes/health.ts";
import { peopleRoutes } from "./routes/people.ts";
import { pictureRoutes } from "./routes/pictures.ts";
import { planRoutes } from "./routes/plans.ts";
import { providerLogoutRoute } from "./routes/provider-logout.ts";
import { regionRoutes } from "./routes/region.ts";
import { regionMapRoutes } from "./routes/region-map.ts";
import { roomRoutes } from "./routes/rooms.ts";
import { ruleRoutes } from "./routes/rules.ts";
import { sessionRoutes } from "./routes/session.ts";
import { settingRoutes } from "./routes/settings.ts";
import { standardRoutes } from "./routes/standards.ts";
import { streamRoute } from "./routes/stream.ts";
import { suppressionRoutes } from "./routes/suppressions.ts";
import { tableRoutes } from "./routes/tables.ts";
import { updateRoutes } from "./routes/updates.ts";
import { useRoutes } from "./routes/use.ts";
import { webhookRoutes } from "./routes/webhooks.ts";
import { workOrderRoutes } from "./routes/work-orders.ts";
import { rollupView } from "./schemas.ts";

/** Requests are small: the largest is a query or a comment. */
const BODY_BYTES_MAX = 64 * 1024;

export async function createServer(given: ApiParts): Promise<FastifyInstance> {
  const { authenticate, log, tls, trustedProxies } = given;
  const server = fastify({
    ...(tls === undefined ? {} : { https: { cert: tls.certificate, key: tls.key, minVersion: "TLSv1.2" } }),
    ...(trustedProxies === undefined ? {} : { trustProxy: [...trustedProxies] }),
    bodyLimit: BODY_BYTES_MAX,
    // An open page must not keep the process from stopping.
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 256 },
    // A command's value is a boolean, a number or a text: the type is the caller's to choose.
    ajv: { customOptions: { allowUnionTypes: true } },
  });
  // Schemas of answers are documentation, proven by tests; what the parts answer is passed on untouched.
  server.setSerializerCompiler(() => (data) => JSON.stringify(data));
  // Here and not below: a scope with schemas of its own would have a serializer of its own, which cuts and converts.
  server.addSchema(rollupView);
  server.addSchema(problemSchema);
  const parts = auditing(server, given);

  await server.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:", "blob:"],
        // Clips of alarms: fetched after somebody has said why, and played from the page's own memory.
        "media-src": ["'self'", "blob:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "report-to": [POLICY_ENDPOINT],
        "report-uri": [POLICY_REPORTS_PATH],
      },
    },
    // On loopback there is no TLS; where there is, the browser remembers it for a year.
    strictTransportSecurity: parts.accounts?.secure === true ? { maxAge: 365 * 24 * 3_600 } : false,
  });
  await server.register(swagger, {
    // The document says which permission each operation is for, and what a refusal looks like.
    transform: ({ route, schema, url }) => ({
      schema: {
        ...schema,
        "x-permission": route.config?.permission,
        ...(route.config?.confirmed === true ? { "x-confirmed": true } : {}),
        response: { ...(schema?.response as object | undefined), ...PROBLEM_ANSWER },
      },
      url,
    }),
    // What refers to itself stands once in the document, under its own name.
    refResolver: { buildLocalReference: ({ $id }) => String($id) },
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "campus-ops",
        version: "1",
        description: "Alarms, devices, history and roll-ups of a campus, a county or a city.",
      },
    },
  });

  server.setErrorHandler((error: FastifyError, request, reply) => {
    if (error instanceof ApiProblem) {
      if (error.retryAfter_s !== undefined) reply.header("retry-after", error.retryAfter_s);
      return sendProblem(request, reply, error.kind, error.detail);
    }
    const { code, statusCode = 500, validation, validationContext } = error;
    if (validation !== undefined)
      return sendProblem(request, reply, "bad-request", byTheSchema(validation, validationContext));
    if (statusCode < 500)
      return sendProblem(request, reply, statusCode === 413 ? "too-large" : "bad-request", byFastify(code));
    log.error({ err: error, method: request.method, url: request.routeOptions.url }, "a request failed");
    return sendProblem(request, reply, "internal");
  });

  server.get("/healthz", async (_request, reply) => {
    const { ingest, rules } = parts.status();
    const healthy = ingest && rules;
    return reply
      .code(healthy ? 200 : 503)
      .send({ status: healthy ? "ok" : "degraded", parts: { ingest, rules } });
  });

  await server.register(async (guarded) => {
    guard(guarded, authenticate);
    const metrics = { tags: ["platform"], response: fileOf("text/plain") };
    guarded.get(
      "/metrics",
      { config: { permission: "metrics.read" }, schema: metrics },
      async (request, reply) => {
        demandWholeHub(request.identity);
        return reply.type("text/plain; version=0.0.4; charset=utf-8").send(await parts.metrics());
      },
    );
  });

  await server.register(
    async (api) => {
      guard(api, authenticate);
      api.addHook("onRequest", async (_request, reply) => {
        reply.header("cache-control", "no-store");
      });
      refuseDeepBodies(api);
      pageAnswers(api);
      tagAnswers(api);
      compressAnswers(api);
      sessionRoutes(api, parts);
      await providerLogoutRoute(api, parts);
      demonstrationRoutes(api, parts);
      accountRoutes(api, parts);
      auditRoutes(api, parts);
      regionRoutes(api, parts);
      regionMapRoutes(api, parts);
      alarmRoutes(api, parts);
      alarmFigureRoutes(api, parts);
      pictureRoutes(api, parts);
      confirmationRoutes(api, parts);
      suppressionRoutes(api, parts);
      planRoutes(api, parts);
      ruleRoutes(api, parts);
      deviceRoutes(api, parts);
      cameraLookRoutes(api, parts);
      commissioningRoutes(api, parts);
      streamRoute(api, parts);
      peopleRoutes(api, parts);
      drillRoutes(api, parts);
      useRoutes(api, parts);
      standardRoutes(api, parts);
      workOrderRoutes(api, parts);
      roomRoutes(api, parts);
      deviceNoteRoutes(api, parts);
      healthRoutes(api, parts);
      bandwidthRoutes(api, parts);
      tableRoutes(api, parts);
      webhookRoutes(api, parts);
      flowRoutes(api, parts);
      enrolmentRoutes(api, parts);
      updateRoutes(api, parts);
      settingRoutes(api, parts);
      backupRoutes(api, parts);
      api.get("/openapi.json", { config: { permission: "signed-in" }, schema: { hide: true } }, async () =>
        server.swagger(),
      );
    },
    { prefix: "/api/v1" },
  );

  await policyReports(server, parts);
  if (parts.flowEditor !== undefined)
    flowEditor(server, { authenticate, feed: parts.feed, socket: parts.flowEditor });
  if (parts.console !== undefined) await server.register(statics, { root: parts.console, wildcard: true });
  server.setNotFoundHandler((request, reply) => {
    const isPage =
      request.method === "GET" && !request.url.startsWith("/api/") && parts.console !== undefined;
    // The console finds its own way from the address: any page's address opens it.
    return isPage && !/\.\w+$/.test(request.url)
      ? reply.sendFile("index.html")
      : sendProblem(request, reply, "not-found");
  });
  return server;
}
