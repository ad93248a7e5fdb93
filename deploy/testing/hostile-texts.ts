/**
 * What a hostile device, or somebody who types into a form, has stored: every text that the console is answered by its hub has
 * markup at its end. A page shows it as the text that it is, or something of it runs and says so.
 */
import type { Page } from "playwright-core";

const MARK = "data-was-run";
const RUNS = `document.documentElement.setAttribute('${MARK}','')`;
export const HOSTILE = `</script><svg onload="${RUNS}"><img src="/hostile.png" onerror="${RUNS}">`;

/** Properties whose value people or devices choose; beside them, every text in two languages. */
const CHOSEN = [
  "title",
  "comment",
  "note",
  "reason",
  "detail",
  "by",
  "to",
  "assignee",
  "agent",
  "hazard",
  "vendor",
];

/** Of every area the pages that show what devices are called, what they say, and what people have typed. */
export const HOSTILE_PAGES = [
  "/alarms",
  "/alarms/hand-over?desk=duty-room",
  "/alarms/silent",
  "/alarms/rules?rule=door-held-open",
  "/alarms/drills",
  "/devices",
  "/devices?device=qiyun-no1%2Fbox-1%2Fgate-store",
  "/devices?view=nodes",
  "/commissioning",
  "/register",
  "/fleet",
  "/rooms?room=990100%2F990102%2Fqiyun-no1%2Fa%2F3%2F301",
  "/work-orders",
  "/campus/qiyun-no1",
  "/plans",
  "/region",
  "/settings/desks",
  "/audit",
] as const;

export async function answerHostileTexts(page: Page): Promise<void> {
  await page.route("**/api/v1/**", async (route) => {
    if (route.request().url().includes("/stream")) return route.continue();
    const answer = await route.fetch();
    const isJson = (answer.headers()["content-type"] ?? "").startsWith("application/json");
    return isJson
      ? route.fulfill({ response: answer, json: hostile(await answer.json()) })
      : route.fulfill({ response: answer });
  });
}

function hostile(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(hostile);
  if (typeof value !== "object" || value === null) return value;
  const isText = "zh" in value && "en" in value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [
      name,
      typeof each === "string" && (isText || CHOSEN.includes(name)) ? `${each}${HOSTILE}` : hostile(each),
    ]),
  );
}

export interface Harm {
  /** Whether the page shows the markup as text, so that there was something to see. */
  readonly shown: boolean;
  /** Whether any of it was taken for markup, or ran. */
  readonly taken: boolean;
}

export function harmIn(page: Page): Promise<Harm> {
  return page.evaluate<Harm>(`({
    shown: document.body.textContent.includes("/hostile.png"),
    taken: document.documentElement.hasAttribute("${MARK}") ||
      document.querySelector("img[src='/hostile.png'], svg[onload]") !== null,
  })`);
}
