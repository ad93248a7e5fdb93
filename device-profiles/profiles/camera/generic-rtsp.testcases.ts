import type { RtspTestcase } from "../testcase.ts";

const AT = Date.UTC(2026, 8, 1);

/** As FFmpeg 5.1 wrote it of a camera's stream, shortened: a key picture of 2,500 bytes and others of 500. */
const packets = (count: number): string =>
  `#extradata 0:       39, 0xa8bf08fe\n#software: Lavf59.27.100\n#tb 0: 1/90000\n#media_type 0: video\n` +
  `#codec_id 0: h264\n#dimensions 0: 1920x1080\n#sar 0: 1/1\n` +
  Array.from(
    { length: count },
    (_, i) =>
      `0, ${String(i * 3_600).padStart(10)}, ${i * 3_600}, 3600, ${i % 25 === 0 ? 2500 : 500}, 0x9d3613d6\n`,
  ).join("");

const HEVC = packets(51).replace("h264", "hevc");

const stream = (values: RtspTestcase["samples"]): RtspTestcase["samples"] => ({
  "Stream/Alive": true,
  "Stream/Codec": "h264",
  "Stream/Width": 1920,
  "Stream/Height": 1080,
  "Stream/FrameRate": 25,
  "Stream/BitRate": 0.116,
  "Stream/Black": false,
  "Stream/Frozen": null,
  ...values,
});

export const testcases: readonly RtspTestcase[] = [
  {
    title: "25 pictures a second, with key pictures that differ",
    probes: [{ at: AT, packets: packets(51), pictures: [90, 120] }],
    samples: stream({ "Stream/Frozen": false }),
  },
  {
    title: "one key picture does not tell whether it stands still",
    probes: [{ at: AT, packets: packets(51), pictures: [90] }],
    samples: stream({}),
  },
  {
    title: "the same picture a minute later stands still",
    probes: [
      { at: AT, packets: packets(51), pictures: [90, 90] },
      { at: AT + 60_000, packets: packets(51), pictures: [90, 90] },
    ],
    samples: stream({ "Stream/Frozen": true }),
  },
  {
    title: "another picture a minute later has moved; H.265 is told by its name",
    probes: [
      { at: AT, packets: HEVC, pictures: [90] },
      { at: AT + 60_000, packets: HEVC, pictures: [120] },
    ],
    samples: stream({ "Stream/Codec": "hevc", "Stream/Frozen": false }),
  },
  {
    title: "black",
    probes: [{ at: AT, packets: packets(51), pictures: [0, 16] }],
    samples: stream({ "Stream/Black": true, "Stream/Frozen": false }),
  },
  {
    title: "packets without a key picture: alive, and nobody can say what it shows",
    probes: [{ at: AT, packets: packets(51), pictures: [] }],
    samples: stream({ "Stream/Black": null }),
  },
  {
    title: "no packets: not alive, and nothing else is known",
    probes: [
      { at: AT, packets: packets(51), pictures: [90] },
      { at: AT + 60_000, packets: packets(0), pictures: [] },
    ],
    samples: {
      "Stream/Alive": false,
      "Stream/Codec": null,
      "Stream/Width": null,
      "Stream/Height": null,
      "Stream/FrameRate": null,
      "Stream/BitRate": null,
      "Stream/Black": null,
      "Stream/Frozen": null,
    },
  },
];
