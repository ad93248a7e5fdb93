/**
 * The duty desk on a slow machine: Chromium's own throttle makes its processor six times slower (CDP
 * `Emulation.setCPUThrottlingRate`), its cache is empty, and the hub runs beside it on the same cores.
 *
 * First list: from the request for the page until a frame with alarms in it was drawn, by the page's own clock. 10,000
 * alarms: keys and the wheel as a person uses them; an interaction is what the Event Timing API says, from the key to the
 * frame that shows it; a dropped one would be a key that moved nothing.
 */
import type { Browser, Page } from "playwright-core";
import { ApiClient } from "../testing/api-client.ts";
import { eventually } from "../testing/awaiting.ts";
import { launchChromium } from "../testing/console-page.ts";
import { HubProcess } from "../testing/hub-process.ts";
import { serveManyAlarms } from "../testing/many-alarms.ts";
import type { Report } from "./result.ts";

const THROTTLE = 6;
const ROUNDS = 10;
const ALARMS = 10_000;
/** All but fifty of them, and what the demonstration itself has had to tell meanwhile. */
const ALL_SHOWN = '.alarm-scroll [aria-setsize^="99"]';
const KEYS = 50;
/** Until the demonstration's day has raised a few. */
const SCHOOL_DAY_MS_MAX = 300_000;
const FIRST_LIST_MS_MAX = 2_000;
/** Beyond it nothing is measured any more. */
const PAGE_MS_MAX = 180_000;
/** What a person notices. */
const TASK_MS_MAX = 200;

/** What the page itself sees; its functions run there. */
interface Seen {
  firstList_ms: number;
  readonly tasks: number[];
  readonly interactions: number[];
}

export async function consolePage(report: Report): Promise<void> {
  const hub = await HubProcess.start();
  const browser = await launchChromium();
  try {
    await hub.ready();
    const api = new ApiClient(hub.url);
    await eventually(
      "alarms to show",
      async () => ((await api.alarms("active")).length >= 5 ? true : undefined),
      SCHOOL_DAY_MS_MAX,
    );
    const rounds: Seen[] = [];
    while (rounds.length < ROUNDS) {
      const page = await slowPage(browser, THROTTLE);
      await page.goto(`${hub.url}/alarms`);
      rounds.push(await firstList(page));
      await page.context().close();
    }
    const times = rounds.map(({ firstList_ms }) => firstList_ms).toSorted((a, b) => a - b);
    const worst_ms = Math.round(times.at(-1) ?? Number.NaN);
    report({
      case: "the first list of alarms, processor six times slower, nothing cached",
      rounds: ROUNDS,
      p50_ms: Math.round(times[Math.floor(ROUNDS / 2)] ?? Number.NaN),
      worst_ms,
      longest_task_ms: Math.round(Math.max(0, ...rounds.flatMap(({ tasks }) => tasks))),
      target_ms: FIRST_LIST_MS_MAX,
      met: worst_ms <= FIRST_LIST_MS_MAX,
    });
    for (const throttle of [1, THROTTLE]) report(await manyAlarms(browser, hub.url, throttle));
  } finally {
    await browser.close();
    await hub.stop();
  }
}

async function manyAlarms(browser: Browser, url: string, throttle: number): Promise<Parameters<Report>[0]> {
  const page = await slowPage(browser, throttle);
  await serveManyAlarms(page, ALARMS);
  await page.goto(`${url}/alarms`);
  await page.locator(".alarm-row").first().waitFor();
  await page.locator(ALL_SHOWN).first().waitFor();
  await page.evaluate("seen.tasks.length = 0; seen.interactions.length = 0;");
  let moved = 0;
  let selected = "";
  for (let key = 0; key < KEYS; key += 1) {
    await page.keyboard.press("ArrowDown");
    const now = new URL(page.url()).searchParams.get("alarm") ?? "";
    if (now !== selected) moved += 1;
    selected = now;
  }
  await page.locator(".alarm-scroll").hover();
  for (let step = 0; step < KEYS; step += 1) await page.mouse.wheel(0, 20_000);
  await page.keyboard.press("/");
  await page.keyboard.type("9999");
  await page.locator('.alarm-scroll [aria-setsize="1"]').waitFor();
  const { interactions, tasks } = await seenBy(page);
  await page.context().close();
  const longest_task_ms = Math.round(Math.max(0, ...tasks));
  return {
    case: `${ALARMS} alarms: keys, wheel and search, processor ${throttle === 1 ? "as it is" : `${throttle} times slower`}`,
    keys: KEYS,
    keys_without_effect: KEYS - moved,
    longest_interaction_ms: Math.round(Math.max(0, ...interactions)),
    long_tasks: tasks.length,
    longest_task_ms,
    ...(throttle === 1 ? { target_task_ms: TASK_MS_MAX, met: longest_task_ms < TASK_MS_MAX } : {}),
  };
}

/** A browser of its own, with nothing in its cache. */
async function slowPage(browser: Browser, rate: number): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1366, height: 768 } });
  const page = await context.newPage();
  page.setDefaultTimeout(PAGE_MS_MAX);
  await page.addInitScript(`
    globalThis.seen = { firstList_ms: 0, tasks: [], interactions: [] };
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) seen.tasks.push(duration);
    }).observe({ type: "longtask", buffered: true });
    new PerformanceObserver((list) => {
      for (const { duration, interactionId } of list.getEntries())
        if (interactionId > 0) seen.interactions.push(duration);
    }).observe({ type: "event", durationThreshold: 16 });
    const looking = new MutationObserver(() => {
      if (document.querySelector(".alarm-row") === null) return;
      looking.disconnect();
      // The frame after the one that it is drawn in.
      requestAnimationFrame(() => requestAnimationFrame(() => { seen.firstList_ms = performance.now(); }));
    });
    looking.observe(document, { childList: true, subtree: true });
  `);
  const session = await context.newCDPSession(page);
  await session.send("Emulation.setCPUThrottlingRate", { rate });
  return page;
}

async function firstList(page: Page): Promise<Seen> {
  await page.locator(".alarm-row").first().waitFor();
  return eventually("the frame is drawn", async () => {
    const seen = await seenBy(page);
    return seen.firstList_ms > 0 ? seen : undefined;
  });
}

const seenBy = (page: Page): Promise<Seen> => page.evaluate<Seen>("seen");
