/** Rules of a hub, put together: journal → core → store → people. */
import { join } from "node:path";
import { type JournalPlace, openReaderAt, type ReaderEvents } from "@campus-ops/broker/journal/place";
import { hubIdOf, type Timestamp } from "@campus-ops/device-profiles/vocabulary";
import { createMetrics, type Log, type Overlay, type Running } from "@campus-ops/service";
import type { DatabaseFile } from "@campus-ops/service/database";
import type { SocketClient } from "@campus-ops/service/socket-client";
import type { Kept } from "@campus-ops/service/workers";
import type { FastifyInstance } from "fastify";
import { BackTests } from "./back-test/back-tests.ts";
import { BandwidthFigures } from "./bandwidth/figures.ts";
import { bandwidthRoutes } from "./bandwidth/routes.ts";
import type { RulesConfiguration } from "./configuration.ts";
import { keepToTime } from "./confirmations/confirmations.ts";
import { ConfirmationStore } from "./confirmations/store.ts";
import { Engine, type EngineState } from "./core/engine.ts";
import type { Span } from "./core/health/history.ts";
import { placeTitle } from "./core/people/place.ts";
import { AlarmPerformance, FLOOD_WINDOW_MS, type WatchedDesk } from "./core/performance.ts";
import { AlarmBook } from "./core/replica/book.ts";
import type { Rule } from "./core/rule.ts";
import { askIngest } from "./feed/ask-ingest.ts";
import { BookNews } from "./feed/book-news.ts";
import { ClockWish } from "./feed/clock-wish.ts";
import { Downlink } from "./feed/downlink.ts";
import { FLOOD_LOOK_MS, FloodWatch } from "./feed/flood-watch.ts";
import { followForFolds } from "./feed/folds.ts";
import { Follower } from "./feed/follower.ts";
import { KeptRows } from "./feed/kept-rows.ts";
import { PlaceTold } from "./feed/place-told.ts";
import { HealthFigures } from "./health/figures.ts";
import { HealthFold } from "./health/health-fold.ts";
import { HealthStore } from "./health/health-store.ts";
import { schoolHours } from "./health/routes.ts";
import { LiveStream } from "./http/live-stream.ts";
import { rulesServer } from "./http/server.ts";
import { observe } from "./metrics.ts";
import { ServiceReporter } from "./notify/service-reporter.ts";
import { startNotify } from "./notify/start.ts";
import { LivePacks } from "./packs/live-packs.ts";
import { OwnPacks } from "./packs/own-packs.ts";
import { pictureContents } from "./pictures/contents.ts";
import { PictureDesk } from "./pictures/desk.ts";
import { AlarmRetention, retentionRoute } from "./retention/retention.ts";
import { alarmFamily, healthFamily, useFamily } from "./series/families.ts";
import { SchoolTimeReporter } from "./series/school-time.ts";
import { SeriesStore } from "./series/series-store.ts";
import { Teller } from "./series/teller.ts";
import { ExaminationStore } from "./standards/examination-store.ts";
import { Examinations } from "./standards/examinations.ts";
import { Standards } from "./standards/standards.ts";
import { RulesStore } from "./store/rules-store.ts";
import { DayFold } from "./told/day-fold.ts";
import { DayStore } from "./told/day-store.ts";
import { HealthBelow } from "./told/health-below.ts";
import { OwnDays } from "./told/own-days.ts";
import { keepHealth } from "./told/own-health.ts";
import { UseBelow } from "./told/use-below.ts";
import { UseFigures } from "./use/figures.ts";
import { LeftOnFigures } from "./use/left-on.ts";
import { UseFold } from "./use/use-fold.ts";
import { UseStore } from "./use/use-store.ts";

export interface RulesOptions {
  readonly data: string;
  /** Where a SQLite file is; in the data folder unless said. */
  readonly file?: (name: string) => DatabaseFile;
  /** What is committed counts at once unless said. */
  readonly kept?: Kept;
  readonly journal: JournalPlace;
  readonly listen: (server: FastifyInstance) => Promise<unknown>;
  /** For sirens and beacons, and for what it knows of devices. Closed in the end. */
  readonly ingest: SocketClient;
  readonly configuration: RulesConfiguration;
  /** The file it was read from; a back-test's thread reads it again. */
  readonly configurationFile: string;
  /** Settings that stand in the place of its sections. */
  readonly overlays?: readonly Overlay[];
  /** What is answered beside all else. */
  readonly routes?: (server: FastifyInstance) => void;
  readonly log: Log;
  readonly now: () => Timestamp;
  /** The journal or the store failed: this process should end, and begin again from what is on disk. */
  readonly onFailure: (error: unknown) => void;
}

export async function startRules(options: RulesOptions): Promise<Running> {
  const { data, configuration, ingest, kept, log, now } = options;
  const { calendar, campusPath, campuses, grace_ms } = configuration;
  const file = options.file ?? ((name: string): DatabaseFile => join(data, name));
  const store = new RulesStore(file("rules.sqlite"));
  /** An engine of these rules that goes on from `stored`; what the rules before them had raised and these do not know ends. */
  const engineOf = (rules: readonly Rule[], stored: EngineState | undefined): Engine => {
    const changed = store.exchangeFingerprints(new Map(rules.map((rule) => [rule.id, JSON.stringify(rule)])));
    const begun = new Engine(
      { rules, calendar, campusPath, grace_ms },
      stored === undefined ? undefined : withoutMemoryOf(changed, stored),
    );
    const retired = store.retire((id) => begun.alarm(id) !== undefined, begun.now);
    if (retired > 0) log.warn({ retired }, "alarms of rules that no longer exist were ended");
    return begun;
  };
  const folder = packsFolder(data);
  const first = configuration.loadRules(folder);
  let engine = engineOf(first.rules, store.load());

  const stopping = new AbortController();
  const journalEvents: ReaderEvents = {
    onAway: (error) => log.warn({ err: error }, "the journal's server does not answer; trying again"),
    onUnreadable: (path, error) =>
      log.error({ path, err: error }, "a journal segment cannot be read; going on after it"),
  };
  const journal = await openReaderAt(options.journal, stopping.signal, journalEvents);
  const rows = new KeptRows(store, kept);
  const stream = new LiveStream(rows, () => floods.floods());
  const metrics = createMetrics("rules");
  const useStore = new UseStore(file("use.sqlite"));
  const healthStore = new HealthStore(file("health.sqlite"));
  const use = new UseFigures(configuration.use, useStore);
  const ask = askIngest(ingest, log);
  const dayStore = new DayStore(file("days.sqlite"));
  const healthBelow = new HealthBelow({ store: dayStore, campusPath, ask, now });
  const health = new HealthFigures(healthStore, configuration.site, healthBelow);
  const hours = (range: Span): readonly Span[] => schoolHours(calendar, range);
  const ownDays = new OwnDays({
    store: dayStore,
    calendar,
    use,
    titles: configuration.clears.has("titles"),
    health: (campus, days, at) =>
      keepHealth({ store: dayStore, health, schoolHours: hours }, campus, days, at),
  });
  const seriesStore = new SeriesStore(file("series.sqlite"));
  const teller = new Teller({
    families: [
      alarmFamily(store, seriesStore),
      useFamily(use, useStore, configuration.use.closesAfter_ms),
      healthFamily(health, healthStore),
    ],
    campuses,
    store: seriesStore,
    ingest,
    log,
    onChanged: (campus, since) => ownDays.changed(campus, since),
  });
  const schoolTime = new SchoolTimeReporter({ calendar, ingest, log, now });
  const { site } = configuration;
  const reporter = new ServiceReporter(ingest, configuration.notify.channels.keys());
  const notify = await startNotify({
    file: file("notify.sqlite"),
    configuration: configuration.notify,
    store: {
      alarm: (id) => store.alarm(id),
      alarms: (query) => store.alarms(query),
      stream: (cursor, limit) => rows.stream(cursor, limit),
      newestRow: () => rows.newestRow(),
    },
    ...(kept === undefined ? {} : { settled: () => kept.settled() }),
    place: (path) => placeTitle(site, path),
    timeZone: site.timeZone,
    source: `/hub/${site.city.code}`,
    ingest,
    metrics,
    log,
    now,
    random: Math.random,
    onAlive: (channel, alive, detail) => reporter.tell(channel, alive, detail),
  });
  const bandwidth = new BandwidthFigures({
    ask,
    site,
    use: configuration.use,
    campuses,
    campusPath,
    schoolHours: hours,
    now,
  });
  const keyFile = join(data, "evidence.key");
  const standards = new Standards({
    file: file("standards.sqlite"),
    folder: join(data, "standards"),
    site,
    campusPath,
    ask,
    use,
    links: (campus) => bandwidth.links(campus),
    rules: store,
    keyFile,
    log,
    now,
  });
  const examinationStore = new ExaminationStore(file("examinations.sqlite"));
  const examinations = new Examinations({ store: examinationStore, standards, log, now });
  const performance = alarmPerformance(configuration, store, now());
  const floods: FloodWatch = new FloodWatch({ performance, tell: (flood) => stream.tell(flood), now });
  const watching = setInterval(() => floods.look(), FLOOD_LOOK_MS);
  const clock = new ClockWish(ingest);
  const place = new PlaceTold(ingest);
  const hubId = hubIdOf(site);
  let ruleById = byId(first.rules);
  const rule = (id: string): Rule | undefined => ruleById.get(id);
  const book = new AlarmBook({
    hub: hubId,
    shelf: store.replicas,
    campusPath,
    rule,
    clock: store.replicas.clock(),
  });
  const adopted = book.adopt(store.standing());
  const news = new BookNews();
  const downlink = new Downlink({ rows: store.replicas, ingest, hub: hubId, log, now });
  const follower = new Follower({
    journal,
    engine: () => engine,
    store,
    book,
    onFacts: () => {
      news.tell();
      downlink.wake();
    },
    ...(kept === undefined ? {} : { room: () => kept.room() }),
    onRows: (committed) =>
      rows.committed(committed, (told) => {
        stream.send(told);
        notify.wake();
      }),
    onEffects: (effects) => {
      for (const effect of effects) {
        if (
          effect.kind === "transition" &&
          RINGS.has(effect.transition.event) &&
          effect.alarm.drill === undefined
        )
          performance.rang(effect.alarm, effect.transition.at);
        if (effect.kind === "transition" && effect.picture === true) pictures.wake();
        if (effect.kind === "rule-error") log.error({ ...effect }, "a rule failed; every other goes on");
      }
      floods.look();
    },
    onGap: (from, to) =>
      log.error(
        { from, to },
        "the journal no longer has these entries; alarms they would have raised are missing",
      ),
    onFull: (error) =>
      log.error(
        { err: error },
        "the disk under rules.sqlite is full: no new alarm is shown until there is room. Nothing is lost: what the journal holds is read when there is. Make room now",
      ),
    onRoom: () => log.info("the disk has room again; reading on"),
    onDue: (due, at) => clock.tell(due, at),
    onTaken: (seq) => place.tell(seq),
  });
  const pictures = new PictureDesk({
    rows: store.pictures,
    alarm: (id) => store.alarm(id),
    cameras: (campus) => engine.cameras(campus),
    ingest,
    log,
    now,
  });
  await follower.refuseAnotherJournal();
  if (adopted > 0) follower.commit([], [], true);
  const foldsJournal = await openReaderAt(options.journal, stopping.signal, journalEvents);
  const folds = followForFolds({
    folds: [
      new UseFold(useStore, campusPath),
      new HealthFold(healthStore, campusPath),
      new DayFold(dayStore, campusPath),
    ],
    journal: foldsJournal,
    metrics,
    log,
    onFailure: options.onFailure,
    onCommit: (at) => teller.reached(at),
    yields: () => follower.isBehind,
    ...(kept === undefined ? {} : { room: () => kept.room() }),
  });
  const packs = new LivePacks(
    {
      load: () => configuration.loadRules(folder),
      folder,
      onRules: (rules) => {
        follower.commit([]);
        ruleById = byId(rules);
        engine = engineOf(rules, engine.save());
      },
      log,
      now,
    },
    first.rules,
    first.files,
  );
  const ownPacks = new OwnPacks({
    folder,
    load: (instead) => configuration.loadRules(folder, instead),
    reload: () => packs.reload(),
    now,
  });
  const backTests = new BackTests({
    configuration: options.configurationFile,
    overlays: options.overlays ?? [],
    journal: options.journal,
    inForce: () => packs.rules,
    compile: configuration.compilePack,
    actions: () => store.actions(),
    now,
  });
  observe(metrics, { book, engine: () => engine, follower, store, stream, now });
  const retention = new AlarmRetention({
    ...configuration.retention,
    rows: store.history,
    // A clock that jumped ahead is believed when the journal has gone on by it.
    ageNow: () => Math.min(now(), engine.now),
    log,
    metrics,
  });
  const confirmations = new ConfirmationStore(file("confirmations.sqlite"));
  const stopKeeping = keepToTime(confirmations, log, now);
  const server = rulesServer({
    confirmations,
    federation: {
      ...{ hubId, clears: configuration.clears, rule, news },
      standing: (campus) => bandwidth.counts(campus),
      days: dayStore,
      countDays: (campus) => ownDays.count(campus),
    },
    notify,
    use,
    useBelow: new UseBelow({
      ...{ store: dayStore, calendar, campusPath, ask, now },
      title: (kind) => configuration.use.types.find(({ id }) => id === kind)?.title,
    }),
    leftOn: new LeftOnFigures({ use, site: configuration.site, ask }),
    health,
    calendar,
    engine: () => engine,
    performance,
    packs,
    ownPacks,
    keyFile,
    standards,
    examinations,
    hub: site.city.title,
    timeZone: site.timeZone,
    pictures: pictureContents(ingest, store.pictures, log),
    backTests,
    campuses,
    store,
    follower,
    stream,
    metrics,
    log,
    now,
  });
  bandwidthRoutes(server, bandwidth);
  retentionRoute(server, retention);
  options.routes?.(server);
  await options.listen(server);
  examinations.start();
  retention.start();

  const following = follower.run(stopping.signal);
  following.catch(options.onFailure);
  log.info({ rules: first.rules.length, seq: follower.seq }, "following the journal");

  return {
    stop: async () => {
      packs.close();
      await backTests.stop();
      clearInterval(watching);
      place.stop();
      stopKeeping();
      stream.close();
      await downlink.stop();
      news.tell();
      await server.close();
      stopping.abort();
      await following;
      await journal.close();
      await pictures.stop();
      await notify.stop();
      await reporter.stop();
      await examinations.stop();
      await schoolTime.stop();
      await teller.stop();
      await folds.stop();
      seriesStore.close();
      confirmations.close();
      await foldsJournal.close();
      await ingest.close();
      await retention.stop();
      examinationStore.close();
      standards.close();
      store.close();
    },
  };
}

const byId = (rules: readonly Rule[]): ReadonlyMap<string, Rule> =>
  new Map(rules.map((each) => [each.id, each]));

/** Where a hub keeps packs of its own. */
export const packsFolder = (data: string): string => join(data, "rule-packs");

/** Transitions that make an alarm ring. */
const RINGS: ReadonlySet<string> = new Set([
  "raise",
  "release",
  "unshelve-active",
  "return-to-service-active",
]);

/** Desks as they are configured; a campus is a desk where none is. */
export function watchedDesks({
  campuses,
  campusPath,
  notify,
}: Pick<RulesConfiguration, "campuses" | "campusPath" | "notify">): readonly WatchedDesk[] {
  const configured = [...notify.staff.desks.values()].map(({ id, scope }) => ({ id, scope }));
  return configured.length > 0 ? configured : campuses.map((id) => ({ id, scope: [campusPath(id)] }));
}

/** What rang in the last while is read again. */
function alarmPerformance(
  configuration: RulesConfiguration,
  store: RulesStore,
  now: Timestamp,
): AlarmPerformance {
  const performance = new AlarmPerformance(watchedDesks(configuration));
  for (const { alarm, at } of store.rangSince(now - FLOOD_WINDOW_MS, [...RINGS]))
    if (alarm.drill === undefined) performance.rang(alarm, at);
  return performance;
}

/** A condition that is written differently now begins anew; its alarm, and everything else, goes on. */
function withoutMemoryOf(changed: ReadonlySet<string>, stored: EngineState): EngineState {
  return {
    ...stored,
    monitors: stored.monitors.map((monitor) => {
      if (!changed.has(monitor.rule)) return monitor;
      const { memory: _, ...rest } = monitor;
      return { ...rest, trueSince: null, falseSince: null, due: stored.now };
    }),
  };
}
