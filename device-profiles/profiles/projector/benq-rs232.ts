import { bytes, each, number, type SerialControlProfile } from "../serial-control-profile.ts";
import { SERIAL_PROJECTOR } from "../serial-projector.ts";

const query = (name: string) => bytes(`0D '*${name}=?#' 0D`);

/** BenQ projectors. They repeat what they were asked before they answer. */
export const benqRs232: SerialControlProfile = {
  ...SERIAL_PROJECTOR,
  id: "projector/benq-rs232",
  vendor: "BenQ",
  model: "RS-232",
  title: { zh: "明基投影机（串口）", en: "BenQ projector (serial)" },
  sources: ["BenQ projector RS232 Command Control: pow, ltim, sour"],
  line: { baud: 9_600, dataBits: 8, parity: "none", stopBits: 1 },
  points: {
    "Projector/Power": {
      query: query("pow"),
      sayings: each({ off: "'*POW=OFF#'", on: "'*POW=ON#'" }),
      commands: each({ on: "0D '*pow=on#' 0D", off: "0D '*pow=off#' 0D" }),
    },
    "Projector/LampHours": { query: query("ltim"), sayings: number("'*LTIM=' {value:dec} '#'") },
    "Projector/Input": {
      query: query("sour"),
      sayings: each({
        "rgb-1": "'*SOUR=RGB#'",
        "rgb-2": "'*SOUR=RGB2#'",
        "hdmi-1": "'*SOUR=HDMI#'",
        "hdmi-2": "'*SOUR=HDMI2#'",
        video: "'*SOUR=VID#'",
      }),
    },
  },
  accepted: [],
  refused: [bytes("'*Block item#'"), bytes("'*Illegal format#'"), bytes("'*Unsupported item#'")],
};
