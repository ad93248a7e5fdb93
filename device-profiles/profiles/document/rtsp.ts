/** RTSP profiles as documents: how often a stream is probed, and for how long. */
import { parseFramecrc } from "../../codecs/framecrc.ts";
import { DURATION_PATTERN, duration_ms } from "../../vocabulary/index.ts";
import type { Profile } from "../catalogue.ts";
import { PICTURE_BYTES, type RtspProfile, readProbe, type Still } from "../rtsp-profile.ts";
import { bySample, type DocumentKind, type ProfileDocument, type TestcaseDocument } from "./document.ts";

/** A probe holds FFmpeg and a stream of the camera for so long. */
export const WINDOW_S_MAX = 30;
/** Two pictures, at one a second. */
export const WINDOW_S_MIN = 2;

interface RtspDocument extends ProfileDocument {
  readonly window?: string;
}

interface RtspTestcaseDocument extends TestcaseDocument {
  readonly probes: readonly {
    readonly after?: string;
    readonly packets: string;
    readonly pictures?: readonly number[];
  }[];
}

export const rtspDocument: DocumentKind = {
  properties: {
    window: {
      type: "string",
      pattern: DURATION_PATTERN,
      description:
        "每次收看多久，须含两个关键帧，如 4s · how long each probe listens; two key pictures should come in it",
    },
  },
  required: ["window"],
  testcase: {
    properties: {
      probes: {
        type: "array",
        minItems: 1,
        maxItems: 20,
        description: "逐次收看的结果 · what each probe brought, one after the other",
        items: {
          type: "object",
          additionalProperties: false,
          required: ["packets"],
          properties: {
            after: {
              type: "string",
              pattern: DURATION_PATTERN,
              description: "距上一次 · since the one before",
            },
            packets: {
              type: "string",
              maxLength: 100_000,
              description: "ffmpeg -f framecrc 的输出 · its output",
            },
            pictures: {
              type: "array",
              maxItems: 100,
              items: { type: "integer", minimum: 0, maximum: 255 },
              description: "各关键帧的灰度 · the grey of each key picture, 0 to 255",
            },
          },
        },
      },
    },
    required: ["probes"],
  },
  compile(document, common, base, report) {
    const { window } = document as RtspDocument;
    const inherited = isRtsp(base) ? base : undefined;
    const window_s = window === undefined ? (inherited?.window_s ?? 0) : duration_ms(window) / 1_000;
    if (window_s < WINDOW_S_MIN || window_s > WINDOW_S_MAX) {
      report("window", {
        zh: `须在 ${WINDOW_S_MIN} 秒到 ${WINDOW_S_MAX} 秒之间`,
        en: `must be from ${WINDOW_S_MIN} to ${WINDOW_S_MAX} seconds`,
      });
    } else if (common.pollInterval_ms < 2_000 * window_s) {
      report("poll", {
        zh: "至少是收看时长的两倍，否则摄像机一直被占用",
        en: "must be at least twice the window, or the camera is never left alone",
      });
    }
    return { ...inherited, ...common, protocol: "rtsp", window_s };
  },
  play(profile, testcase) {
    if (!isRtsp(profile)) return new Map();
    let at = 0;
    let still: Still | undefined;
    let samples: ReturnType<typeof readProbe>["samples"] = [];
    for (const { after, packets, pictures = [] } of (testcase as RtspTestcaseDocument).probes) {
      at += after === undefined ? 0 : duration_ms(after);
      const shown = pictures.map((grey) => new Uint8Array(PICTURE_BYTES).fill(grey));
      ({ samples, still } = readProbe({ at, stream: parseFramecrc(packets), pictures: shown }, still));
    }
    return bySample(samples);
  },
};

const isRtsp = (profile: Profile | undefined): profile is RtspProfile => profile?.protocol === "rtsp";
