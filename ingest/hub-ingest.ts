/** Ingest put together: everything but the environment, so that tests run it as it is. */
import { randomUUID } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { embeddedPlace, type JournalPlace } from "@campus-ops/broker/journal/place";
import { type CampusId, campusPath, type Site, type Timestamp } from "@campus-ops/device-profiles/vocabulary";
import { createMetrics, type Log, listenOnSocket, type Running, socketPath } from "@campus-ops/service";
import type { DatabaseFile } from "@campus-ops/service/database";
import type { FastifyInstance } from "fastify";
import { type DiskLimits, isDiskFull } from "./core/disk-room.ts";
import { ReceiveClock } from "./core/receive-clock.ts";
import { pointRetention, RETENTION_DAYS, type RetentionDays } from "./core/retention.ts";
import { AgingFile } from "./host/aging-file.ts";
import { DiskWatch } from "./host/disk-watch.ts";
import { openJournal } from "./host/journal.ts";
import { LimitedLog } from "./host/limited-log.ts";
import { ingestMetrics, observed } from "./host/metrics.ts";
import { MqttHost } from "./host/mqtt-host.ts";
import { HUB_CAMPUS, OwnNode } from "./host/own-node.ts";
import { tellServices } from "./host/own-services.ts";
import { Quarantine } from "./host/quarantine.ts";
import { takeCommand } from "./http/commands.ts";
import { LiveStream } from "./http/live-stream.ts";
import { createServer, type ServerParts } from "./http/server.ts";
import { toldRoutes } from "./http/told.ts";
import { AfterPictures } from "./pictures/after-pictures.ts";
import { PictureDesk } from "./pictures/desk.ts";
import { PictureShelf, type ShelfLimits, type ShelfPlace } from "./pictures/shelf.ts";
import { DecodedJournal } from "./projections/decoded-journal.ts";
import { EventProjection } from "./projections/events.ts";
import { pointsProjection } from "./projections/points.ts";
import { type ProjectionRun, refuseAnotherJournal, runProjection } from "./projections/projection.ts";
import { RegistryProjection } from "./projections/registry.ts";
import { RollupProjection } from "./projections/rollups.ts";
import { Turns } from "./projections/turns.ts";
import { RetentionJob } from "./retention.ts";
import { embeddedStorePlace, openStoreAt, type StorePlace } from "./store/place.ts";

const AGE_MS = 3_600_000;
/** What the pages of regions ask for unless somebody chooses another time. */
const READ_AHEAD_MS = 24 * 3_600_000;
const SERVICES_MS = 1_000;
/** So long after the last loss of a flood it is told as one: telling comes and goes more slowly than floods do. */
const FLOODED_MS = 60_000;

export interface IngestOptions {
  readonly data: string;
  /** Where its server listens, unless it is done otherwise. */
  readonly socket?: string;
  readonly listen?: (server: FastifyInstance) => Promise<unknown>;
  /** Where a SQLite file of its projections is; in the data folder unless said. */
  readonly file?: (name: string) => DatabaseFile;
  /** The one campus that it is for, of several that share the store; all of the site unless said. */
  readonly campus?: CampusId;
  readonly site: Site;
  readonly broker: { readonly url: string; readonly username?: string; readonly password?: string };
  readonly hostId: string;
  /** Embedded in the data folder unless said. */
  readonly journal?: JournalPlace;
  /** Embedded in the data folder unless said. */
  readonly store?: StorePlace;
  /** Not watched unless said. */
  readonly disk?: DiskLimits;
  readonly retention: Partial<RetentionDays> & {
    readonly journalDays: number;
    readonly journalBytes: number;
  };
  /** How long a node that was online may stay silent after a (re)connection; 30 s unless said. */
  readonly silence_ms?: number;
  /** Where pictures are, when others come to have them after this process; in the data folder unless said. */
  readonly pictures?: ShelfPlace & {
    readonly limits: ShelfLimits;
    /** Resolves once what was taken of them is where it counts. */
    readonly settled: () => Promise<void>;
  };
  /** Where things are on campuses that other workers hold, for questions to the store that all share. */
  readonly elsewhere?: ServerParts["elsewhere"];
  /** What is answered beside all else. */
  readonly routes?: (server: FastifyInstance, retention: RetentionJob) => void;
  readonly log: Log;
  readonly now: () => Timestamp;
  /** Milliseconds that never step back; the process's own unless said. */
  readonly uptime_ms?: () => number;
  /** A projection or the journal could not go on; the process should end, and begin again from its checkpoints. */
  readonly onFailure: (error: unknown) => void;
}

export async function startIngest(options: IngestOptions): Promise<Running> {
  const { campus, data, site, log } = options;
  const file = options.file ?? ((name: string): DatabaseFile => join(data, name));
  const days = { ...RETENTION_DAYS, ...options.retention };
  const machine = { now: options.now, uptime_ms: options.uptime_ms ?? (() => performance.now()) };
  mkdirSync(data, { recursive: true, mode: 0o700 });
  const disk = options.disk === undefined ? undefined : new DiskWatch({ ...options.disk, folder: data, log });
  disk?.start();
  const stopping = new AbortController();
  const aging = new AgingFile(join(data, "aging"), machine);
  const runs: ProjectionRun[] = [];
  const { journal, reader } = await openJournal({
    ...options,
    place: options.journal ?? embeddedPlace(data),
    signal: stopping.signal,
    ageNow: () => aging.now(),
    takenUntil: () => (runs.length === 0 ? 0 : Math.min(...runs.map(({ position }) => position.receivedAt))),
  });
  const clock = new ReceiveClock(journal.lastReceivedAt, machine.now(), machine.uptime_ms());
  const now = (): Timestamp => clock.at(machine.now(), machine.uptime_ms());
  const { store, rejected, snapshot } = await openStoreAt(options.store ?? embeddedStorePlace(data), {
    ...machine,
    ...(campus === undefined ? {} : { journal: campus }),
    signal: stopping.signal,
  });
  const registryMetrics = createMetrics("ingest");
  const metrics = ingestMetrics(registryMetrics);

  // The stream needs the registry's rows, and the registry tells the stream of changes.
  let stream: LiveStream | undefined;
  const projection = new RegistryProjection({
    file: file("registry.sqlite"),
    // A campus that the site does not know still has a place, of its own.
    campusPath: (campus) => campusPath(site, campus) ?? campus,
    onChange: (changes) => stream?.changed(changes),
    onSamples: (count) => metrics.samples.inc(count),
  });
  stream = new LiveStream(projection.registry);

  observed(registryMetrics, "store_rejected_points", "Points that the store refused, set aside", rejected);
  const away = new Map<string, string>();
  const limited = new LimitedLog(log, machine.now);
  const points = pointsProjection(store);
  const events = new EventProjection(file("events.sqlite"));
  const rollups = new RollupProjection({
    file: file("rollups.sqlite"),
    store,
    writtenUntil: () => runs[1]?.position.receivedAt ?? 0,
    counts: (campus, from, to) => projection.rollups.happenings(campus, from, to),
    isOnline: (device) => projection.registry.devices.get(device)?.health !== "stale",
    retention: pointRetention(days),
    isAway: (error) => points.isAway?.(error) === true,
    uptime_ms: machine.uptime_ms,
    onRefolding: ({ schoolDays, terms }) =>
      log.info(
        { schoolDays, terms },
        schoolDays + terms > 0
          ? "the school's calendar or zone has changed: what it touches is folded anew, and its figures may change until then"
          : "all of what the school's calendar or zone has changed is being folded anew",
      ),
  });
  const projections = [projection, points, events, rollups];
  try {
    // Before the first new entry: the journal must not grow past a checkpoint that is not its own.
    for (const each of projections) await refuseAnotherJournal(each, reader);
  } catch (error) {
    stopping.abort();
    disk?.stop();
    projection.close();
    events.close();
    rollups.close();
    await store.close();
    await reader.close();
    await journal.close();
    throw error;
  }
  const decoded = new DecodedJournal(reader);
  for (const each of projections) {
    const run = runProjection(each, decoded, stopping.signal, {
      onAway: (error) => {
        away.set(each.name, error instanceof Error ? error.message : String(error));
        limited.warn(
          `away ${each.name}`,
          { err: error },
          isDiskFull(error)
            ? `the ${each.name} cannot be written, its disk is full: make room; the journal keeps what is not in it yet`
            : `the ${each.name} is away; the journal keeps what is not in it yet, and writes it when it is back`,
        );
      },
      onBack: () => {
        away.delete(each.name);
        log.info(`the ${each.name} is back; writing what the journal kept for it`);
      },
      onMissed: (seq, first) =>
        log.error(
          { after: seq, before: first },
          `the journal's retention has taken entries that the ${each.name} never saw; they are lost to it. Raise ingest.retention.journalBytes`,
        ),
    });
    run.done.catch(options.onFailure);
    observed(registryMetrics, `${each.name}_lag_entries`, "Journal entries not projected yet", () =>
      Math.max(0, journal.last - run.position.seq),
    );
    runs.push(run);
  }

  if (disk !== undefined)
    observed(registryMetrics, "disk_free_bytes", "Free on the disk of the data folder", () => disk.free);
  const shelf = new PictureShelf(data, options.pictures?.limits, options.pictures);
  const pictures = new PictureDesk({
    shelf,
    devices: projection.registry.devices,
    send: (publication) => host.send(publication),
    now,
    audit: log,
    count: (what) => metrics.pictures.inc({ what }),
  });
  const host: MqttHost = new MqttHost({
    ...options.broker,
    pictures,
    ...(options.silence_ms === undefined ? {} : { silence_ms: options.silence_ms }),
    ...(disk === undefined ? {} : { disk }),
    ...(campus === undefined ? {} : { campus }),
    hostId: options.hostId,
    journal:
      options.pictures === undefined ? journal : new AfterPictures(journal, shelf, options.pictures.settled),
    quarantine: new Quarantine(join(data, "quarantine")),
    metrics,
    log,
    now,
    wall: machine.now,
    uptime_ms: machine.uptime_ms,
    projections: () =>
      projections.flatMap((each, index) => {
        const run = runs[index];
        // Roll-ups are late by minutes at any time. One whose output is away reads nothing, for as long as that takes.
        const isAwaited = run !== undefined && each !== rollups && !away.has(each.name);
        return isAwaited ? [{ name: each.name, seq: run.position.seq }] : [];
      }),
    nodesOnline: () =>
      [...projection.registry.nodes.values()]
        .filter(({ online, address }) => online && address.campus !== HUB_CAMPUS)
        .map(({ address }) => address),
  });
  observed(
    registryMetrics,
    "waiting_messages",
    "Telemetry that waits for the journal's readers",
    () => host.waiting,
  );
  const own = new OwnNode({
    id: options.hostId,
    path: site.city.code,
    append: (entry) => journal.append([entry]),
    now,
    onRefused: (error) =>
      limited.warn("own", { err: error }, "the journal took nothing the hub says of itself"),
  });
  const watching = setInterval(() => {
    const isFlooded = now() - (host.leftOutAt ?? Number.NEGATIVE_INFINITY) < FLOODED_MS;
    tellServices(own, { broker: host.isConnected, away, isFlooded, room: disk?.room });
  }, SERVICES_MS);
  observed(registryMetrics, "wall_clock_ahead_seconds", "The wall clock, less the time that is given", () => {
    now();
    return clock.wallAhead_ms / 1_000;
  });
  const keepAge = (): void => {
    try {
      aging.save();
    } catch (error) {
      log.warn({ err: error }, "how far data has aged could not be saved; nothing is deleted sooner for it");
    }
  };
  keepAge();
  const ageing = setInterval(keepAge, AGE_MS);
  const retention = new RetentionJob({
    days,
    store,
    events,
    pictures: shelf,
    ageNow: () => aging.now(),
    log,
    metrics: registryMetrics,
  });
  retention.start();
  observed(registryMetrics, "rollups_waiting", "Series and periods to be folded into roll-ups", () =>
    rollups.waiting(),
  );
  observed(
    registryMetrics,
    "rollups_refolding",
    "School days and terms that a change of the calendar or of the zone leaves to be folded anew",
    () => rollups.refolding(),
  );

  const server = createServer({
    projection,
    store,
    stream,
    now,
    uptime_ms: machine.uptime_ms,
    metrics: registryMetrics,
    events: (asked) => events.events(asked),
    retention: () => retention.view(),
    command: (request) =>
      takeCommand(
        {
          projection,
          send: (publication) => host.send(publication),
          now,
          newId: randomUUID,
          audit: log,
          count: (state) => metrics.commands.inc({ state }),
        },
        request,
      ),
    pictures: { desk: pictures, shelf },
    elsewhere: options.elsewhere,
    clock: (at) => host.wishClock(at),
    rulesTook: (seq) => host.rulesTook(seq),
    ...(snapshot === undefined ? {} : { snapshot }),
    service: (id, state) => own.tell(id, state),
    flow: (id, state) => own.tellFlow(id, state),
    ailments: () => [
      ...(host.isConnected ? [] : ["the broker is away"]),
      ...[...away].map(
        ([name, why]) => `the ${name} is away (${why}); the journal keeps what is not in it yet`,
      ),
      ...(disk === undefined || disk.room === "ample"
        ? []
        : [`the disk is ${disk.room === "low" ? "nearly full" : "full"}; telemetry waits at the edges`]),
    ],
  });
  toldRoutes(server, rollups);
  options.routes?.(server, retention);
  await (options.listen?.(server) ?? listenOnSocket(server, options.socket ?? socketPath(data, "ingest")));
  host.start();
  const at = now();
  const reading = projection.rollups
    .prepare(at - READ_AHEAD_MS, at, new Turns(machine.uptime_ms), stopping.signal)
    .catch((error: unknown) => log.warn({ err: error }, "counts were not read ahead; the first page waits"));

  return {
    stop: async () => {
      clearInterval(ageing);
      retention.stop();
      clearInterval(watching);
      keepAge();
      disk?.stop();
      stream.close();
      await server.close();
      await host.stop();
      stopping.abort();
      await reading;
      await Promise.allSettled(runs.map(({ done }) => done));
      projection.close();
      events.close();
      rollups.close();
      shelf.close();
      await store.close();
      await reader.close();
      await journal.close();
    },
  };
}
