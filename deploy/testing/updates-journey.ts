/** A roll-out that stopped by itself, as an installer sees it and has it go on. The hub's answers are played: its boxes here have no image. */
import type { RollOut, UpdatesView } from "@campus-ops/dashboards/updates";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { eventually } from "./awaiting.ts";

const box = { attempt: 1, quiet_ms: 0, told_ms: 0, told: 1 } as const;
const STOPPED: RollOut = {
  id: "r1",
  bundle: "a".repeat(64),
  version: "0.2.0",
  compatible: "campus-ops-edge-amd64",
  state: "stopped",
  reason: { zh: "失败的盒子超过允许的数量", en: "too many failed" },
  wave: 0,
  urgent: false,
  forgiven: 0,
  boxes: [
    { ...box, box: "qiyun-no1/box-1", step: "failed", stage: "away", reason: { zh: "没有回来", en: "lost" } },
    { ...box, box: "qiyun-no1/box-2", step: "waiting", stage: "" },
  ],
  beganAt: Date.UTC(2026, 10, 22),
  by: "li",
  lookedAt: Date.UTC(2026, 10, 22),
};

export function updatesJourney(open: (path: string) => Promise<Page>, hubUrl: () => string): void {
  test("a roll-out that stopped says why, box by box, and goes on when a person says so", async () => {
    let rollOut: RollOut = STOPPED;
    const acts: string[] = [];
    const page = await open("/fleet");
    await page.route("**/api/v1/updates", (route) => {
      const view: UpdatesView = {
        takesBundles: true,
        bundles: [],
        rollOuts: [rollOut],
        pins: [],
        waves: [0.01, 0.1, 1],
        schoolIsOut: true,
      };
      return route.fulfill({ contentType: "application/json", body: JSON.stringify(view) });
    });
    await page.route("**/api/v1/updates/roll-outs/**", (route) => {
      acts.push(route.request().url().split("/").slice(-2).join("/"));
      const { reason: _reason, ...rest } = rollOut;
      rollOut = { ...rest, state: "running", forgiven: 1 };
      return route.fulfill({ contentType: "application/json", body: JSON.stringify(rollOut) });
    });
    await page.goto(`${hubUrl()}/fleet/updates`);
    const card = page.locator("article.roll-out");
    const shows = (text: string): Promise<true> =>
      eventually(`the roll-out says ${text}`, async () =>
        (await card.allTextContents()).join("").includes(text) ? true : undefined,
      );
    await shows("已自动停止");
    await shows("失败的盒子超过允许的数量");
    await shows("没有回来");
    await card.getByRole("button", { name: "继续" }).click();
    await shows("进行中");
    expect(acts).toEqual(["r1/resume"]);
    expect(await card.getByRole("button", { name: "暂停" }).count()).toBe(1);
    await page.context().close();
  });
}
