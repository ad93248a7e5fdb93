/** The console in a real Chromium, Debian's own. */
import { type Browser, chromium, type Page } from "playwright-core";

export const CONSOLE_PAGES = {
  alarms: "/alarms",
  devices: "/devices",
  campus: "/campus/qiyun-no1",
  region: "/region",
} as const;
export const CONSOLE_LANGUAGES = ["zh", "en"] as const;
export type ConsoleLanguage = (typeof CONSOLE_LANGUAGES)[number];

export function launchChromium(): Promise<Browser> {
  // Chromium's own sandbox needs what containers and root have not; it opens nothing but our page.
  return chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
}

/**
 * Opens a page of the console and waits until it shows something.
 *
 * @param troubles gets what went wrong in the page, and every request to anybody but the hub
 */
export async function openConsole(
  browser: Browser,
  url: string,
  path: string,
  language: ConsoleLanguage,
  troubles: string[],
): Promise<Page> {
  const viewport = { width: 1440, height: 900 };
  const context = await browser.newContext({ viewport, timezoneId: "Asia/Shanghai" });
  await context.addInitScript((chosen) => localStorage.setItem("campus-ops.language", chosen), language);
  const page = await context.newPage();
  page.on("pageerror", (error) => troubles.push(`${path}: ${error.message}`));
  page.on("request", (request) => {
    if ([url, `blob:${url}`, "data:"].some((own) => request.url().startsWith(own))) return;
    troubles.push(`${path} asks for ${request.url()}`);
  });
  await page.goto(`${url}${path}`);
  await page.locator("main h1, main h2, main table, main .empty, main .alarm-row").first().waitFor();
  // Also where a page has the whole screen.
  await page.locator(".shell[data-connection=live]").waitFor();
  return page;
}
