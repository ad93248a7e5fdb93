/**
 * Every page of the console, looked at for what keeps people out: on the hub and in the Chromium of the console's test. The
 * pages are those that the console itself offers, so that a new one is looked at without anybody naming it.
 */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Page, ViewportSize } from "playwright-core";
import { describe, expect, test } from "vitest";
import { barriersOn } from "./barriers.ts";
import { CONSOLE_LANGUAGES, type ConsoleLanguage } from "./console-page.ts";

const ROUTES = resolve(import.meta.dirname, "../../dashboards/console/shell/pages.ts");
/** What a page shows under an address of its own beside its first view. */
const VIEWS = [
  "/alarms/rules?rule=door-held-open",
  "/campus/qiyun-no1",
  "/devices?view=nodes",
  "/rooms?scope=990100%2F990102%2Fqiyun-no1%2Fa",
] as const;
const SIZES = [
  { width: 360, height: 740 },
  { width: 1366, height: 768 },
  { width: 1920, height: 1080 },
  { width: 3840, height: 2160 },
] as const;
/** Axe looks at each page at a desk's size. */
const [PHONE, DESK] = SIZES;
/** More than any page has to stop at; who comes back to the same stop sooner is caught. */
const TABS_MAX = 600;

/** Whether anything reaches beyond the screen: the panes of a page scroll, the page does not. */
const OVERFLOW = `(() => {
  const { scrollWidth, scrollHeight, clientWidth, clientHeight } = document.documentElement;
  return { x: scrollWidth - clientWidth, y: scrollHeight - clientHeight };
})()`;
/** Of all looks together: on a machine that is busy with other tests each takes seconds. */
const LOOK_MS_MAX = 1_800_000;
/** Of one wait; the browser's own bound is half of it. */
const WAIT_MS_MAX = 60_000;
const LOADING = /正在读取|Reading/;
const THEMES = ["dark", "light"] as const;
const SWITCH = { zh: "中文", en: "EN" } as const;
/** In place of the one that the page was opened in, which every load brings back. In the page's own language, as all below. */
const LANGUAGE_OF_THE_TAB = `{
  const language = sessionStorage.getItem("language");
  if (language !== null) localStorage.setItem("campus-ops.language", language);
}`;
const STOPS_BEGIN = `{
  document.activeElement?.blur();
  window.tabStops = new Set();
}`;
/** Nothing at a stop that is new, "round" where the page begins again, what it is where a stop is come to twice before. */
const STOP = `(() => {
  const stop = document.activeElement;
  const [first] = window.tabStops;
  if (stop === null || stop === document.body || stop === first) return window.tabStops.size > 0 ? "round" : "";
  if (window.tabStops.has(stop)) return stop.outerHTML.slice(0, 200);
  window.tabStops.add(stop);
  return "";
})()`;

interface Site {
  readonly url: string;
  readonly open: (path: string, language: ConsoleLanguage) => Promise<Page>;
}

/**
 * `site` is asked for when the hub is there; `all`: every size in both languages, axe in both and in both themes, and the
 * keyboard once through everything, where `npm test` has a phone and a desk, one language and one theme of each page.
 */
export function everyPage(site: () => Site, all: boolean): void {
  describe("every page of the console", () => {
    let offered: readonly string[] = [];
    const opened = async (): Promise<Page> => {
      const page = await site().open("/alarms", "zh");
      page.setDefaultTimeout(WAIT_MS_MAX);
      return page;
    };

    test("is offered by the navigation to who may see all of it", async () => {
      const page = await opened();
      offered = await pagesOffered(page);
      await page.context().close();
      const routes = [...readFileSync(ROUTES, "utf8").matchAll(/\bpath: "([^"]+)"/g)].map(([, path]) => path);
      expect(offered.toSorted()).toEqual(routes.toSorted());
      expect(offered.length).toBeGreaterThan(30);
    });

    test("has a title of its own, fits each screen in both languages, and raises no barrier", {
      timeout: LOOK_MS_MAX,
    }, async () => {
      const page = await opened();
      await page.addInitScript(LANGUAGE_OF_THE_TAB);
      const troubles: string[] = [];
      const titles = new Set<string>();
      for (const [index, path] of [...offered, ...VIEWS].entries()) {
        await page.setViewportSize(DESK);
        await page.goto(`${site().url}${path}`);
        await isThere(page);
        const languages = index % 2 === 0 ? CONSOLE_LANGUAGES : CONSOLE_LANGUAGES.toReversed();
        for (const [nth, language] of languages.entries()) {
          await inLanguage(page, language);
          const where = `${path} in ${language}`;
          const title = `${language} ${await page.title()}`;
          if (titles.has(title) && offered.includes(path)) troubles.push(`${where}: another page's title`);
          titles.add(title);
          const sizes = all ? SIZES : nth === 0 ? [PHONE, DESK] : [PHONE];
          troubles.push(...(await beyondScreen(page, sizes)).map((size) => `${where}, ${size}`));
          if (!all && nth > 0) continue;
          for (const theme of all ? THEMES : [THEMES[index % THEMES.length] ?? "dark"]) {
            await page.evaluate(`document.documentElement.dataset.theme = "${theme}"`);
            troubles.push(...(await barriersOn(page)).map((barrier) => `${where}, ${theme}: ${barrier}`));
          }
        }
        if (all)
          troubles.push(...(await keyboardTraps(page)).map((stop) => `${path} holds the focus: ${stop}`));
      }
      expect(troubles).toEqual([]);
      await page.context().close();
    });
  });
}

/** Addresses of the pages that the navigation leads to, area by area. */
async function pagesOffered(page: Page): Promise<readonly string[]> {
  const hrefs = (nav: string): Promise<readonly string[]> =>
    page.locator(`${nav} a`).evaluateAll((links) => links.map((link) => link.getAttribute("href") ?? ""));
  const offered: string[] = [];
  for (const area of await hrefs("nav.navigation")) {
    await page.locator(`nav.navigation a[href="${area}"]`).press("Enter");
    await page.locator(`nav.navigation a[href="${area}"][aria-current=page]`).waitFor();
    offered.push(...(await hrefs("nav.area-pages")));
  }
  return offered;
}

/** All that the page asked for has come. */
async function isThere(page: Page): Promise<void> {
  await page.locator(".shell[data-connection=live]").waitFor();
  await page.locator("main h1").first().waitFor({ state: "attached" });
  await page.locator("main .quiet-note").filter({ hasText: LOADING }).first().waitFor({ state: "detached" });
}

/** By the switch in the bar; pages that have the whole screen, and so no bar, are opened again. */
async function inLanguage(page: Page, language: ConsoleLanguage): Promise<void> {
  const html = page.locator(`html[lang^=${language}]`);
  if ((await html.count()) > 0) return;
  const choice = page.locator(".status").getByRole("radio", { name: SWITCH[language] });
  if ((await choice.count()) > 0) await choice.dispatchEvent("click");
  else {
    await page.evaluate(`sessionStorage.setItem("language", "${language}")`);
    await page.reload();
    await page.evaluate(`sessionStorage.removeItem("language")`);
  }
  await html.waitFor();
  await isThere(page);
}

async function beyondScreen(page: Page, sizes: readonly ViewportSize[]): Promise<readonly string[]> {
  const beyond: string[] = [];
  for (const size of sizes) {
    await page.setViewportSize(size);
    const { x, y } = await page.evaluate<{ x: number; y: number }>(OVERFLOW);
    if (x > 0 || y > 0) beyond.push(`${size.width} wide: ${x} and ${y} pixels beyond the screen`);
  }
  await page.setViewportSize(DESK);
  return beyond;
}

/** Goes through the page by Tab: from its first stop to its last each is come to once. Empty where that is so. */
async function keyboardTraps(page: Page): Promise<readonly string[]> {
  await page.evaluate(STOPS_BEGIN);
  for (let tab = 0; tab < TABS_MAX; tab += 1) {
    await page.keyboard.press("Tab");
    const stop = await page.evaluate<string>(STOP);
    if (stop === "round") return [];
    if (stop !== "") return [stop];
  }
  return [`no end after ${TABS_MAX} stops`];
}
