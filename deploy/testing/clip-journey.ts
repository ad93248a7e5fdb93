/** Somebody plays the clip of an alarm in the browser, out of what the camera recorded. */
import type { AlarmView } from "@campus-ops/rules/api";
import type { Page } from "playwright-core";
import { expect } from "vitest";
import type { ApiClient } from "./api-client.ts";
import { eventually } from "./awaiting.ts";

export interface ClipParts {
  readonly api: ApiClient;
  readonly open: (path: string, language: "zh") => Promise<Page>;
}

/** `device`: whose alarm it is; `camera`: who recorded it, and is its own recorder. */
export async function playClip({ api, open }: ClipParts, device: string, camera: string): Promise<void> {
  const isForced = (each: AlarmView) => each.device.key === device && each.rule.endsWith("door-forced");
  const alarm = await eventually("the alarm is there", async () => (await api.alarms()).find(isForced));
  const clip = await eventually("the clip is there", async () => {
    const { pictures } = await api.alarm(alarm.id);
    return pictures.find(({ kind, state }) => kind === "clip" && state === "taken");
  });
  expect(clip).toMatchObject({ contentType: "video/mp4", recorder: camera });
  const page = await open(`/alarms?state=all&alarm=${encodeURIComponent(alarm.id)}`, "zh");
  const card = page.locator(".picture-card").filter({ hasText: "来自录像机" }).first();
  await card.getByRole("button", { name: "播放录像" }).click();
  // Debian's Chromium decodes H.264; a page that had not been able to would show the download alone.
  const video = card.locator("video");
  await video.waitFor();
  const playing = await eventually("the clip plays", async () => {
    const state = await video.evaluate((element) => ({
      time: Number(Reflect.get(element, "currentTime")),
      duration: Number(Reflect.get(element, "duration")),
      width: Number(Reflect.get(element, "videoWidth")),
    }));
    return state.time > 0 ? state : undefined;
  });
  expect(playing.width).toBeGreaterThan(0);
  expect(playing.duration).toBeGreaterThan(14);
  await page.context().close();
}
