/** Dashboards: the public API and the console. The composition root; reads the environment and opens the sockets. */
import { randomBytes } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { resolve } from "node:path";
import { Server as TlsServer } from "node:tls";
import {
  Counter,
  clearAway,
  createLog,
  createMetrics,
  Gauge,
  OperatorError,
  ownHubTraces,
  type Running,
  readEnvironment,
  readSecretFile,
  readSettings,
  runProcess,
  serveOperations,
  socketPath,
  startAgain,
} from "@campus-ops/service";
import { relationalPlace } from "@campus-ops/service/relational";
import { socketClient } from "@campus-ops/service/socket-client";
import { accountAccess } from "./api/account-access.ts";
import type { FloodView, PlatformStatus } from "./api/api.ts";
import { mergeExpositions } from "./api/exposition.ts";
import { loopbackAccess, tokenAccess } from "./api/identity.ts";
import { commonPlace, LiveFeed } from "./api/live-feed.ts";
import { pathOfCampus } from "./api/routes/devices.ts";
import { createServer } from "./api/server.ts";
import { probe } from "./api/upstream.ts";
import { openTrail } from "./audit/open-trail.ts";
import { loadConfiguration, webhookAddresses } from "./configuration.ts";
import { DeviceNoteStore } from "./device-notes/device-note-store.ts";
import { PlanStore } from "./plans/plan-store.ts";
import { RegionMapStore } from "./region-map/region-map-store.ts";
import { RoomStore } from "./rooms/room-store.ts";
import { openAccounts, writtenDown } from "./start.ts";
import { readTls, renewal, type TlsFiles } from "./tls.ts";
import { reaching } from "./webhooks/reach.ts";
import { followAlarms, WebhookSender } from "./webhooks/sender.ts";
import { WebhookStore } from "./webhooks/webhook-store.ts";
import { WorkOrderStore } from "./work-orders/work-order-store.ts";

const STATUS_MS = 2_000;
const TOKEN_CHARACTERS_MIN = 32;
const PRUNE_MS = 24 * 3_600_000;
const RENEW_MS = 60_000;

const log = createLog("dashboards", process.env.CAMPUS_OPS_LOG_LEVEL ?? "info");
await runProcess(log, start);

async function start(): Promise<Running> {
  const environment = readEnvironment(process.env);
  if (environment.config === undefined) {
    throw new OperatorError("CAMPUS_OPS_CONFIG must name the hub's configuration file");
  }
  const { config } = environment;
  const place = relationalPlace(loadConfiguration(config).relational, config);
  // Over workers, the settings are theirs; the console has a copy.
  const settings = place === undefined ? environment.data : resolve(environment.data, "shared");
  const sharing =
    place === undefined
      ? undefined
      : await (await import("@campus-ops/service/workers")).shareFiles({
          place,
          data: settings,
          startAgain,
          random: Math.random,
          log,
        });
  const { site, dashboards, parent } = loadConfiguration(config, readSettings(settings));
  const trail = openTrail(environment.data, dashboards.audit.keepMonths, site.city.title, Date.now);
  const plans = new PlanStore(resolve(environment.data, "plans.sqlite"), Date.now);
  const deviceNotes = new DeviceNoteStore(resolve(environment.data, "device-notes.sqlite"), Date.now);
  const rooms = new RoomStore(resolve(environment.data, "rooms.sqlite"), Date.now());
  const webhooks = new WebhookStore(resolve(environment.data, "webhooks.sqlite"));
  const workOrders = new WorkOrderStore(resolve(environment.data, "work-orders.sqlite"), Date.now);
  const metrics = createMetrics("dashboards");
  const audit = writtenDown(trail, log, metrics);
  const tls = dashboards.tls === undefined ? undefined : readTls(dashboards.tls);
  const accounts =
    dashboards.access === "accounts" ? openAccounts(environment.data, dashboards, log) : undefined;
  const authenticate =
    accounts !== undefined
      ? accountAccess(accounts.parts, Date.now)
      : dashboards.access === "token"
        ? tokenAccess(readToken(environment.config, dashboards.tokenFile))
        : loopbackAccess();

  const parts =
    place === undefined
      ? {
          ingest: socketClient(socketPath(environment.run, "ingest")),
          rules: socketClient(socketPath(environment.run, "rules")),
        }
      : (await import("./workers/open.ts")).openWorkers(place, site, log);
  const upstreams = {
    ...parts,
    enrolment: socketClient(socketPath(environment.run, "enrolment")),
    backup: socketClient(socketPath(environment.run, "backup")),
  };
  const feed = new LiveFeed((error) =>
    log.debug({ err: error }, "a part's stream ended; following it again"),
  );
  void feed.follow({
    part: upstreams.rules,
    path: "/stream",
    place: ({ event, data }) => {
      if (event === "alarm") return (JSON.parse(data) as { device: { path: string } }).device.path;
      if (event !== "flood") return undefined;
      return commonPlace((JSON.parse(data) as FloodView).scope) ?? site.city.code;
    },
    standing: ({ event, data }) => (event === "flood" ? (JSON.parse(data) as FloodView).desk : undefined),
  });
  void feed.follow({
    part: upstreams.ingest,
    path: "/stream",
    place: ({ event, data }) => {
      if (event === "device") return (JSON.parse(data) as { path: string }).path;
      return event === "node"
        ? pathOfCampus(site, (JSON.parse(data) as { campus: string }).campus)
        : undefined;
    },
  });

  const regionMap = new RegionMapStore(resolve(environment.data, "region-map.sqlite"));
  const sender = new WebhookSender({
    store: webhooks,
    source: `campus-ops/${site.city.code}`,
    mayReach: reaching(webhookAddresses(dashboards)),
    now: Date.now,
    log,
  });
  const telling = followAlarms(sender, upstreams.rules, webhooks, log);

  let health: Omit<PlatformStatus, "at"> = { ingest: false, rules: false };
  const status = (): PlatformStatus => ({ at: Date.now(), ...health });
  const check = async (): Promise<void> => {
    const [ingest, rules] = await Promise.all([probe(upstreams.ingest), probe(upstreams.rules)]);
    const now = { ingest: ingest !== undefined, rules: rules !== undefined };
    if (now.ingest !== health.ingest || now.rules !== health.rules)
      log.info(now, "parts of the platform changed");
    health = { ...now, ...(rules?.upTo === undefined ? {} : { rulesUpTo: rules.upTo }) };
    feed.publish("status", JSON.stringify(status()));
  };
  await check();
  const timer = setInterval(() => void check(), STATUS_MS);

  new Gauge({
    name: "campus_ops_live_pages",
    help: "Pages that follow the live stream",
    registers: [metrics],
    collect() {
      this.set(feed.listeners);
    },
  });
  const policyReports = new Counter({
    name: "campus_ops_csp_reports_total",
    help: "Browsers' reports of pages that would have broken the content security policy",
    labelNames: ["directive", "result"],
    registers: [metrics],
  });
  const console_ = resolve(import.meta.dirname, "console/dist");
  const server = await createServer({
    upstreams,
    site,
    siteSetting: {
      ofFile: () => loadConfiguration(config).site,
      reportsAbove: parent !== undefined,
      restart: startAgain,
    },
    demonstration: dashboards.demonstration,
    ...(dashboards.demonstration
      ? { clearing: { ownHubTraces: () => ownHubTraces(environment.data), begin: clearAway } }
      : {}),
    authenticate,
    feed,
    boot: randomBytes(4).toString("hex"),
    now: Date.now,
    log,
    audit,
    trail,
    ...(accounts === undefined ? {} : { accounts: accounts.parts }),
    ...(tls === undefined ? {} : { tls }),
    ...(dashboards.behindProxy === undefined ? {} : { trustedProxies: dashboards.behindProxy.addresses }),
    status,
    workOrders,
    webhooks,
    testWebhook: (webhook) => sender.test(webhook),
    regionMap,
    plans,
    rooms,
    deviceNotes,
    flowEditor: socketPath(environment.run, "node-red"),
    countPolicyReport: (labels) => policyReports.inc({ ...labels }),
    metrics: async () => mergeExpositions([await metrics.metrics(), ...(await scrape(environment.run))]),
    ...(existsSync(resolve(console_, "index.html")) ? { console: console_ } : {}),
  });
  await listen(server, dashboards.host, environment.httpPort);
  const daily = setInterval(() => trail.prune(), PRUNE_MS);
  trail.prune();
  const renewing = dashboards.tls === undefined ? undefined : renewTls(server.server, dashboards.tls);

  // The supervisor finds this process by the same means as the rest.
  const operations = await serveOperations(socketPath(environment.run, "dashboards"), {
    health: status,
    registry: metrics,
  });

  return {
    async stop() {
      for (const each of [timer, daily, renewing]) clearInterval(each);
      feed.stop();
      await server.close();
      await telling.stop();
      webhooks.close();
      regionMap.close();
      workOrders.close();
      plans.close();
      rooms.close();
      deviceNotes.close();
      await operations.close();
      await sharing?.stop();
      await Promise.all(Object.values(upstreams).map((part) => part.close()));
      accounts?.close();
      trail.close();
    },
  };
}

async function listen(
  server: Awaited<ReturnType<typeof createServer>>,
  host: string,
  port: number,
): Promise<void> {
  try {
    await server.listen({ host, port });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    throw new OperatorError(
      `port ${port} on ${host} is taken by another program; set CAMPUS_OPS_HTTP_PORT to a free one`,
    );
  }
}

/** A certificate that is renewed is shown without a restart. */
function renewTls(server: unknown, files: TlsFiles): NodeJS.Timeout | undefined {
  if (!(server instanceof TlsServer)) return undefined;
  const renewed = renewal(server, files);
  return setInterval(() => {
    try {
      if (renewed()) log.info("a renewed certificate is in use");
    } catch (error) {
      log.error({ err: error }, "the renewed certificate cannot be used; the old one stays");
    }
  }, RENEW_MS);
}

function readToken(config: string, file: string | undefined): string {
  if (file === undefined) {
    throw new OperatorError(
      `${config}: dashboards.access is token, so dashboards.tokenFile must name a file`,
    );
  }
  const secret = readSecretFile(file);
  if ("problem" in secret) throw new OperatorError(`${config}: dashboards.tokenFile: ${secret.problem}`);
  if (secret.text.length >= TOKEN_CHARACTERS_MIN) return secret.text;
  throw new OperatorError(
    `${config}: dashboards.tokenFile must hold at least ${TOKEN_CHARACTERS_MIN} characters`,
  );
}

/** The metrics of every other process of this hub that has a socket; one that is away is simply not there. */
async function scrape(run: string): Promise<string[]> {
  const names = readdirSync(run).filter((name) => name.endsWith(".sock") && name !== "dashboards.sock");
  const texts = await Promise.all(
    names.map(async (name) => {
      const client = socketClient(resolve(run, name));
      try {
        const answer = await client.fetch("/metrics", { signal: AbortSignal.timeout(STATUS_MS) });
        return answer.ok ? await answer.text() : "";
      } catch {
        return "";
      } finally {
        await client.close();
      }
    }),
  );
  return texts.filter((text) => text !== "");
}
