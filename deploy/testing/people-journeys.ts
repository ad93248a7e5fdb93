/**
 * What the four kinds of people do at the console, by keyboard alone, in either language and at every size of screen: on the
 * hub and in the Chromium of the console's test. `npm run journeys` runs all of them, `npm test` a set in which each kind,
 * each language and each size is there.
 */
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import type { ApiClient, SimulatorControl } from "./api-client.ts";
import { eventually } from "./awaiting.ts";
import { barriersOn } from "./barriers.ts";
import { putIntoService } from "./commissioning-journey.ts";
import { CONSOLE_LANGUAGES, type ConsoleLanguage } from "./console-page.ts";

const SIZES = {
  phone: { width: 360, height: 740 },
  desk: { width: 1366, height: 768 },
  screen: { width: 1920, height: 1080 },
  wall: { width: 3840, height: 2160 },
} as const;
type Size = keyof typeof SIZES;

const GATE = "qiyun-no1/box-1/gate-store";

export interface JourneySite {
  readonly api: ApiClient;
  readonly control: SimulatorControl;
  readonly open: (path: string, language: ConsoleLanguage) => Promise<Page>;
}

/** One person at one screen. */
class Journey {
  readonly page: Page;
  readonly site: JourneySite;
  readonly #language: ConsoleLanguage;
  /** Whether every page is looked at for barriers; in the tests, pages that have tests of their own are not again. */
  readonly #thorough: boolean;

  constructor(page: Page, site: JourneySite, language: ConsoleLanguage, thorough: boolean) {
    this.page = page;
    this.site = site;
    this.#language = language;
    this.#thorough = thorough;
  }

  /** The page in whose language it is. */
  say(zh: string, en: string): string {
    return this.#language === "zh" ? zh : en;
  }

  press(role: "button" | "link", name: string | RegExp): Promise<void> {
    return this.page.getByRole(role, { name }).first().press("Enter");
  }

  async type(label: string, text: string): Promise<void> {
    await this.page.getByLabel(label).first().focus();
    await this.page.keyboard.type(text);
  }

  see(selector: string, text: string | RegExp): Promise<void> {
    return this.page.locator(selector).filter({ hasText: text }).first().waitFor({ timeout: 60_000 });
  }

  /** Goes to another page by the navigation, as a keyboard does. */
  async goTo(area: string, page?: string): Promise<void> {
    await this.page.locator("nav.navigation").getByRole("link", { name: area }).press("Enter");
    if (page !== undefined)
      await this.page.locator("nav.area-pages").getByRole("link", { name: page, exact: true }).press("Enter");
  }

  /** Fits its screen, and keeps nobody out. */
  async look(always = false): Promise<void> {
    const { page } = this;
    const wide = await page.evaluate<boolean>("document.documentElement.scrollWidth > innerWidth");
    expect(wide, `${page.url()} is wider than its screen`).toBe(false);
    if (!always && !this.#thorough) return;
    expect(await barriersOn(page), page.url()).toEqual([]);
  }
}

/** Sees a door forced, opens the alarm, says that somebody is on the way, and goes back to the list. */
async function guard(journey: Journey): Promise<void> {
  const { page, site } = journey;
  await site.control.set(GATE, "Door/Open", true);
  await page.keyboard.press("/");
  await page.keyboard.type(GATE);
  await page.keyboard.press("Enter");
  await journey.see(".alarm-row[data-unacknowledged=true]", journey.say("门被强行打开", "Door forced open"));
  await journey.look();
  await page.keyboard.press("ArrowDown");
  await journey.see("#alarm-detail h2", journey.say("门被强行打开", "Door forced open"));
  await journey.look(true);
  await page.keyboard.press("n");
  await page.keyboard.type(journey.say("已派人", "on the way"));
  await page.keyboard.press("Tab");
  await page.locator("#alarm-detail").focus();
  await page.keyboard.press("a");
  await journey.see("#alarm-detail .state-word", journey.say("已确认", "Acknowledged"));
  await page.keyboard.press("Escape");
  await page.locator("#alarm-detail article").waitFor({ state: "detached" });
  await site.control.set(GATE, "Door/Open", false);
  await eventually("the door's alarm is over", async () => {
    const alarms = await site.api.alarms("active");
    const open = alarms.some(({ device, rule }) => device.key === GATE && rule.endsWith("door-forced"));
    return open ? undefined : true;
  });
}

/** Finds a device, has it mended, and finds the order among those that are open. */
async function facilitiesManager(journey: Journey): Promise<void> {
  const { page } = journey;
  const hazard = `${journey.say("闸机异响", "gate rattles")} ${Date.now()}`;
  await journey.goTo(journey.say("设备", "Devices"), journey.say("设备", "Devices"));
  await page.getByRole("searchbox").focus();
  await page.keyboard.type("gate-store");
  await journey.look();
  await page.locator(".device-table tbody").getByRole("button").first().press("Enter");
  await journey.press("button", journey.say("为这台设备登记工单", "Register a work order"));
  await page.getByRole("dialog").getByLabel(journey.say("隐患或故障", "Hazard or fault")).focus();
  await page.keyboard.type(hazard);
  await journey.look();
  await page
    .getByRole("dialog")
    .getByRole("button", { name: journey.say("登记", "Register"), exact: true })
    .press("Enter");
  await journey.see("article", hazard);
  await journey.goTo(journey.say("设备", "Devices"), journey.say("工单", "Work orders"));
  await journey.see("main", hazard);
  await journey.look();
}

/** From the city to a county, to a school, to what its standard says of it. */
async function official(journey: Journey): Promise<void> {
  const { page } = journey;
  await journey.goTo(journey.say("市县", "City"));
  await journey.look();
  await page
    .locator(".tile")
    .filter({ hasText: journey.say("栖云区", "Qiyun") })
    .first()
    .press("Enter");
  await journey.see("h1", journey.say("栖云区", "Qiyun"));
  await journey.look();
  await page
    .locator(".tile")
    .filter({ hasText: journey.say("栖云区第一小学", "Qiyun No. 1") })
    .first()
    .press("Enter");
  await journey.see("h1", journey.say("栖云区第一小学", "Qiyun No. 1"));
  await journey.look();
  await journey.goTo(journey.say("校园", "Campus"), journey.say("达标", "Standards"));
  await journey.see("main", journey.say("数据完整率", "Completeness"));
  await journey.look();
}

/** Is the box there, what hangs from it, what does the next step ask for, and what is in the network. */
async function installer(journey: Journey): Promise<void> {
  const { page } = journey;
  await journey.goTo(journey.say("设置", "Settings"), journey.say("开始使用", "First steps"));
  await journey.look();
  await journey.press("link", journey.say("设备投用", "Put devices into service"));
  await journey.see("h1", journey.say("设备投用", "Put into service"));
  await page.getByRole("button", { name: journey.say("开始搜索", "Search"), exact: true }).press("Enter");
  await journey.see("[role=status]", journey.say("搜索完成", "search done"));
  await journey.look();
  await journey.goTo(journey.say("设备", "Devices"), journey.say("边缘盒", "Edge boxes"));
  await page.locator(".box-devices summary").first().press("Enter");
  await page.locator(".box-devices[open] .branches").first().waitFor();
  await journey.look();
}

const PEOPLE = { guard, facilitiesManager, official, installer } as const;
type Kind = keyof typeof PEOPLE;
type Run = readonly [Kind, ConsoleLanguage, Size];

/** Each kind, each language and each size. */
const COVERING: readonly Run[] = [
  ["guard", "en", "phone"],
  ["facilitiesManager", "zh", "desk"],
  ["official", "en", "wall"],
  ["installer", "zh", "screen"],
];
const ALL: readonly Run[] = (Object.keys(PEOPLE) as Kind[]).flatMap((kind) =>
  CONSOLE_LANGUAGES.flatMap((language) =>
    (Object.keys(SIZES) as Size[]).map((size): Run => [kind, language, size]),
  ),
);

/**
 * `site` is asked for when the hub is there; `all`: every combination, a look at every page on the way, and a device taken into
 * service in English, which `npm test` has in Chinese.
 */
export function peopleJourneys(site: () => JourneySite, all: boolean): void {
  describe("by keyboard alone", () => {
    test.each(all ? ALL : COVERING)("%s in %s on a %s", async (kind, language, size) => {
      const page = await site().open("/alarms", language);
      try {
        await page.setViewportSize(SIZES[size]);
        await PEOPLE[kind](new Journey(page, site(), language, all));
      } finally {
        await page.context().close();
      }
    });

    if (all) test("installer in en takes a device into service", () => putIntoService(site().open, "en"));
  });
}
