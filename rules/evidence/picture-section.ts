/**
 * The pictures on a bundle's page. Their content stands there and nowhere else; what is signed, and in the chain, are
 * their hashes, so that a picture which was exchanged is found by its own name.
 */
import { createHash } from "node:crypto";
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { AlarmPictureView, CameraChoice, NoPictureReason } from "../api.ts";
import { escaped } from "./html.ts";

/** Content by SHA-256, hexadecimal. */
export type PictureFiles = ReadonlyMap<string, Uint8Array>;

const WHY: Readonly<Record<CameraChoice, string>> = {
  itself: "报警设备本身 · the device itself",
  "sees-device": "登记为照看该设备 · declared to see the device",
  "sees-place": "登记为照看该处 · declared to see the place",
  "same-place": "同一位置 · in the same place",
  "same-floor": "同层通道 · a passage of the same floor",
  "same-building": "同楼通道 · a passage of the same building",
};

const NONE: Readonly<Record<NoPictureReason, string>> = {
  "no-camera": "附近没有摄像机 · no camera is near",
  unreachable: "摄像机不可达 · camera unreachable",
  unsupported: "摄像机不支持抓拍 · the camera takes no pictures",
  failed: "抓拍失败 · the camera delivered none",
  full: "边缘盒存储已满 · the edge box has no room",
  "no-answer": "超时无应答 · no answer in time",
  flood: "报警过多，未抓拍 · too many alarms at once",
  late: "报警补传，已错过抓拍 · known too late",
};

/** Empty for an alarm without any, as bundles of before there were pictures are. */
export function pictureSection(
  pictures: readonly AlarmPictureView[] | undefined,
  files: PictureFiles,
  time: (at: Timestamp) => string,
): string {
  if (pictures === undefined || pictures.length === 0) return "";
  const figures = pictures.map((picture) => {
    const facts = factsOf(picture, files, time).map((each) => `<br>${escaped(each)}`);
    return `<figure style="margin:0 0 1.5em">${content(picture, files)}<figcaption>${facts.join("").slice(4)}</figcaption></figure>`;
  });
  return `<h2>画面 · Pictures</h2>\n${figures.join("\n")}\n`;
}

function factsOf(picture: AlarmPictureView, files: PictureFiles, time: (at: Timestamp) => string): string[] {
  const { camera, detail, kind, reason, recorder, sha256, since, takenAt, why } = picture;
  const isClip = kind === "clip";
  return [
    camera === undefined ? "" : `${camera.title.zh} · ${camera.title.en} (${camera.key}, ${camera.path})`,
    why === undefined ? "" : `选用原因 · why this camera: ${WHY[why]}`,
    takenAt === undefined ? "" : `${isClip ? "录像开始 · clip begins" : "拍摄时间 · taken"} ${time(takenAt)}`,
    recorder === undefined ? "" : `来自录像机 · from the recorder ${recorder}`,
    reason === undefined
      ? ""
      : `${isClip ? "没有录像 · no clip" : "没有画面 · no picture"}: ${NONE[reason]}${detail === undefined ? "" : ` (${detail})`}`,
    since === undefined ? "" : `离线自 · away since ${time(since)}`,
    sha256 === undefined ? "" : `SHA-256 ${sha256}`,
    sha256 === undefined || files.has(sha256)
      ? ""
      : "画面已按保存期限删除 · removed when its time of keeping was over",
  ].filter((each) => each !== "");
}

const MARK = (sha256: string): string => `id="picture-${sha256}"`;

function content({ kind, sha256 }: AlarmPictureView, files: PictureFiles): string {
  const data = sha256 === undefined ? undefined : files.get(sha256);
  if (sha256 === undefined || data === undefined) return "";
  const base64 = Buffer.from(data).toString("base64");
  if (kind === "clip")
    return `<video controls muted style="max-width:100%" ${MARK(sha256)} src="data:video/mp4;base64,${base64}"></video>`;
  const url = `data:image/jpeg;base64,${base64}`;
  return `<img alt="" style="max-width:100%" ${MARK(sha256)} src="${url}">`;
}

/** The pictures of a page, and the names of those whose content is not what they are named by. */
export function picturesIn(page: string): {
  readonly found: PictureFiles;
  readonly changed: readonly string[];
} {
  const found = new Map<string, Uint8Array>();
  const changed: string[] = [];
  for (const [, sha256 = "", text = ""] of page.matchAll(
    /id="picture-([0-9a-f]{64})" src="data:(?:image\/jpeg|video\/mp4);base64,([A-Za-z0-9+/=]*)"/g,
  )) {
    const data = Buffer.from(text, "base64");
    found.set(sha256, data);
    if (createHash("sha256").update(data).digest("hex") !== sha256) changed.push(sha256);
  }
  return { found, changed };
}
