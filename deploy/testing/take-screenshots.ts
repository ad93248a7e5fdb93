/**
 * `npm run screenshots`: the pictures in the documentation, taken from the demonstration while a switch is down. Look at
 * them before you commit them.
 */
import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Page } from "playwright-core";
import { ApiClient } from "./api-client.ts";
import { eventually } from "./awaiting.ts";
import { CONSOLE_LANGUAGES, CONSOLE_PAGES, launchChromium, openConsole } from "./console-page.ts";
import { HubProcess } from "./hub-process.ts";

const FOLDER = resolve(import.meta.dirname, "../../docs/screenshots");
/** The school day's switch fails after about two minutes. */
const SWITCH_DOWN_MS_MAX = 300_000;

/** Beside the pages that the tests open. */
const MORE = {
  figures: "/alarms/figures",
  rooms: "/rooms?room=990100/990102/qiyun-no1/a/3/301",
  fleet: "/fleet",
  standards: "/standards",
  "work-orders": "/work-orders",
  wall: "/region/wall",
  "first-steps": "/settings/first-steps",
  desks: "/settings/desks",
  webhooks: "/settings/webhooks",
} as const;
/** As a guard on the way has it. */
const PHONE = { width: 360, height: 740 };

const LOADING = /正在读取|Reading/;

/** What is worth looking at on each page. */
const CHOOSE: Readonly<Record<string, (page: Page) => Promise<void>>> = {
  alarms: async (page) => {
    await page
      .locator(".alarm-row")
      .filter({ hasText: /门被强行打开|Door forced open/ })
      .first()
      .press("Enter");
    await page.locator("#alarm-detail article").waitFor();
  },
  devices: (page) =>
    page
      .locator("main tbody tr")
      .filter({ hasText: /空气传感器|air sensor/ })
      .first()
      .click(),
};

const hub = await HubProcess.start();
const browser = await launchChromium();
try {
  await hub.ready();
  const api = new ApiClient(hub.url);
  await eventually(
    "the switch's alarm with its symptoms, and a door that was forced",
    async () => {
      const alarms = await api.alarms("active");
      const forced = alarms.some(({ rule }) => rule.endsWith("door-forced"));
      return forced && alarms.some(({ symptoms }) => symptoms > 0) ? true : undefined;
    },
    SWITCH_DOWN_MS_MAX,
  );
  mkdirSync(FOLDER, { recursive: true });
  for (const language of CONSOLE_LANGUAGES) {
    for (const [name, path] of Object.entries({ ...CONSOLE_PAGES, ...MORE })) {
      const page = await openConsole(browser, hub.url, path, language, []);
      const choose = CHOOSE[name];
      await choose?.(page);
      // Charts, details and figures draw themselves after what they show has come.
      if (name === "campus" || name === "region") await page.locator("dl.figures").first().waitFor();
      const loading = page.locator("main .quiet-note").filter({ hasText: LOADING });
      await loading.first().waitFor({ state: "detached" });
      const take = async (file: string): Promise<void> => {
        await page.screenshot({ path: join(FOLDER, file) });
        console.log(join(FOLDER, file));
      };
      await take(`${name}-${language}.png`);
      if (name === "alarms") {
        await page.setViewportSize(PHONE);
        await take(`alarms-phone-${language}.png`);
      }
      await page.context().close();
    }
  }
} finally {
  await browser.close();
  await hub.stop();
}
