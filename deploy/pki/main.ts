/**
 * The enrolment process of a hub. It is one of its own because it holds the authority's key and is talked to by strangers:
 * nothing that happens here can hold up an alarm.
 */
import { openAuditWriter } from "@campus-ops/dashboards/audit/write";
import {
  Counter,
  createLog,
  createMetrics,
  Gauge,
  listenOnSocket,
  OperatorError,
  readEnvironment,
  readSettings,
  runProcess,
  socketPath,
} from "@campus-ops/service";
import { socketClient } from "@campus-ops/service/socket-client";
import { openUpdates } from "../updates/open.ts";
import { updateRoutes } from "../updates/private-routes.ts";
import { TURN_MS } from "../updates/runner.ts";
import { hubLink } from "../updates/sights.ts";
import { type Attention, deniedText, needsAttention, TELL_MS, tellHub } from "./attention.ts";
import { Boxes } from "./boxes.ts";
import { chainAudit } from "./chained-audit.ts";
import { loadEnrolmentConfiguration } from "./configuration.ts";
import { serveEnrolment } from "./enrolment-server.ts";
import { enrolledBoxes, keepBoxAccess } from "./mosquitto.ts";
import { openEnrolment } from "./open.ts";
import { privateApi } from "./private-api.ts";
import { ensureServerCertificate } from "./server-certificate.ts";

/** How often it is looked whether the hub's own certificate has to be renewed. */
const SERVER_LOOK_MS = 3_600_000;
/** What was recorded is brought into the hub's audit trail so often. */
const CHAIN_MS = 2_000;

const log = createLog("enrolment", "info");

await runProcess(log, async () => {
  const environment = readEnvironment(process.env);
  log.level = environment.logLevel;
  if (environment.config === undefined) {
    throw new OperatorError("CAMPUS_OPS_CONFIG is not set; it names the hub's configuration file");
  }
  const configuration = loadEnrolmentConfiguration(environment.config);
  if (configuration === undefined) {
    throw new OperatorError(`${environment.config} has no section enrolment; campus-ops init writes one`);
  }
  const { folder, listen, mosquitto, names, updates: updating } = configuration;
  const keepMosquitto = (): void => {
    if (mosquitto === undefined) return;
    try {
      keepBoxAccess(mosquitto, enrolledBoxes(store));
    } catch (error) {
      log.error({ err: error }, "Mosquitto's list of boxes is not kept up");
    }
  };
  const { authority, enrolment, store } = openEnrolment(folder, (row) => {
    log.info({ audit: true, ...row }, "enrolment");
    // After the transaction that it is recorded in.
    if (row.action === "enrol" && row.outcome === "done") setImmediate(keepMosquitto);
  });
  const { pem } = await ensureServerCertificate(authority, folder, names, Date.now());
  const registry = createMetrics("enrolment");
  const requests = new Counter({
    name: "campus_ops_enrolment_requests_total",
    help: "requests for certificates, by what came of them",
    labelNames: ["outcome"] as const,
    registers: [registry],
  });
  const waiting = new Gauge({
    name: "campus_ops_enrolment_approvals_waiting",
    help: "boxes whose certificate has ended and whose renewal a person has to approve",
    registers: [registry],
    collect() {
      waiting.set(approvals());
    },
  });
  const attention = (): Attention => needsAttention(store.certificates(), deniedText(folder));
  const approvals = (): number => attention().approvals.length;
  const ingest = socketClient(socketPath(environment.run, "ingest"));
  const rules = socketClient(socketPath(environment.run, "rules"));
  const trail = openAuditWriter(environment.data);
  const updates = openUpdates({
    ...updating,
    data: environment.data,
    hub: hubLink({ ingest, rules }),
    now: Date.now,
    log,
    registry,
    onTurn: ({ id, reason, state, version }) =>
      trail.append({
        user: "hub",
        action: `update.${state}`,
        rollOut: id,
        version,
        reason: reason?.zh ?? "",
      }),
  });
  const turning = setInterval(() => void updates.runner.turn(), TURN_MS);
  const { downloads } = updates;
  const server = await serveEnrolment({ ...listen, identity: pem, enrolment, log, requests, downloads });
  log.info({ host: listen.host, port: server.port, fingerprint: authority.pin }, "enrolment listens");
  const look = async (): Promise<void> => {
    const { pem: present, renewed } = await ensureServerCertificate(authority, folder, names, Date.now());
    if (!renewed) return;
    server.useIdentity(present);
    keepMosquitto();
    log.info("the hub's own certificate was renewed");
  };
  const looking = setInterval(() => {
    look().catch((error: unknown) =>
      log.error({ err: error }, "the hub's own certificate cannot be renewed"),
    );
  }, SERVER_LOOK_MS);
  const tell = (): void => void tellHub(ingest, attention());
  tell();
  const telling = setInterval(tell, TELL_MS);
  const chain = (): void => {
    try {
      chainAudit(store, trail);
    } catch (error) {
      log.error({ err: error }, "the audit trail takes nothing; what was recorded here follows later");
    }
  };
  const chaining = setInterval(chain, CHAIN_MS);
  const boxes = new Boxes({
    opened: { authority, enrolment, store },
    configuration,
    config: environment.config,
    overlays: () => readSettings(environment.data),
    now: Date.now,
    onChange: keepMosquitto,
  });
  const operations = privateApi(boxes, {
    health: () => ({ status: "ok", port: server.port, approvalsWaiting: approvals() }),
    log,
    registry,
  });
  updateRoutes(operations, { ...updates, now: Date.now });
  await listenOnSocket(operations, socketPath(environment.run, "enrolment"));
  return {
    stop: async () => {
      clearInterval(looking);
      clearInterval(telling);
      clearInterval(chaining);
      clearInterval(turning);
      await server.close();
      await operations.close();
      await updates.runner.settled();
      await Promise.all([ingest.close(), rules.close()]);
      updates.close();
      chain();
      trail.close();
      store.close();
    },
  };
});
