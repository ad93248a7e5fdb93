/** A school day of {@link LENGTH_S} seconds in 临岚市, from the first pupil at the gate to the empty building. */

import { LINLAN } from "../city/linlan.ts";
import { devicesOf } from "../city/plan.ts";
import { down, drift, mended, refused, screening, set, swipe, tell, visitor } from "./acts.ts";
import { type Step, type Timeline, timeline } from "./timeline.ts";

const LENGTH_S = 270;

/** The rules' calendar for this day: when it is lesson, and when nobody should be there. */
export const SCHOOL_DAY_CALENDAR = {
  period: `${LENGTH_S}s`,
  windows: { arrival: ["0s-50s"], lesson: ["50s-172s"], departure: ["205s-242s"], closed: ["256s-270s"] },
} as const;

/** What takes minutes in a school takes seconds here: the rule packs' parameters of these names. */
export const SCHOOL_DAY_PARAMETERS = {
  retestApart: "10s",
  retestWithin: "2m",
  doorHeldOpen: "15s",
  projectorLeftOn: "25s",
  co2For: "10s",
  portDown: "10s",
} as const;

const PRIMARY = "qiyun-no1/box-1";
const MIDDLE = "qiyun-shiyan/box-1";
const RIVERSIDE = "muhe-hepan/box-1";
const CAMPUSES = [PRIMARY, MIDDLE, RIVERSIDE] as const;

/** Body temperatures of the well, as a scanner spreads them. */
const USUAL_CELSIUS = [36.3, 36.5, 36.4, 36.7, 36.2, 36.6, 36.8, 36.4] as const;

const ARRIVAL = { from_s: 3, to_s: 45, every_s: 2.4 } as const;
const DEPARTURE = { from_s: 205, to_s: 240, every_s: 2.4 } as const;

function arrival(): Step[] {
  const steps: Step[] = [];
  for (const [index, campus] of CAMPUSES.entries()) {
    let pupil = index * 100;
    for (let time = ARRIVAL.from_s + index * 0.7; time < ARRIVAL.to_s; time += ARRIVAL.every_s) {
      const celsius = USUAL_CELSIUS[pupil % USUAL_CELSIUS.length] ?? 36.5;
      steps.push(screening(time, `${campus}/scanner-main`, celsius));
      steps.push(...swipe(time + 0.6, `${campus}/gate-main`, pupil));
      pupil += 1;
    }
    steps.push(set(2, `${campus}/camera-gate`, "Motion/Active", true));
    steps.push(set(46, `${campus}/camera-gate`, "Motion/Active", false));
  }
  return steps;
}

function departure(): Step[] {
  const steps: Step[] = [];
  for (const [index, campus] of CAMPUSES.entries()) {
    let pupil = index * 100;
    for (let time = DEPARTURE.from_s + index * 0.7; time < DEPARTURE.to_s; time += DEPARTURE.every_s) {
      steps.push(...swipe(time, `${campus}/gate-main`, pupil, "out"));
      pupil += 1;
    }
  }
  return steps;
}

const fever: readonly Step[] = [
  tell(6, "一名学生体温偏高，将进行两次复测", "A pupil's temperature is high; two retests follow"),
  screening(6, `${PRIMARY}/scanner-main`, 38.1),
  screening(26, `${PRIMARY}/scanner-main`, 37.9, 1),
  screening(47, `${PRIMARY}/scanner-main`, 37.6, 2),
];

const refusedCard: readonly Step[] = [
  tell(14, "一张已注销的卡连续被拒绝五次", "A revoked card is refused five times"),
  ...[14, 17, 20, 23, 26].map((seconds) => refused(seconds, `${MIDDLE}/gate-main`, 4_711)),
];

const LESSON = { from_s: 52, to_s: 170 } as const;
/** The room whose projector nobody turns off. */
const FORGOTTEN = `${RIVERSIDE}/projector-201`;

const projectors = devicesOf(LINLAN)
  .filter(({ id }) => id.startsWith("projector-"))
  .map(({ key }) => key);

const lessons: readonly Step[] = [
  tell(LESSON.from_s, "上课，教室打开投影机", "Lessons begin; classrooms turn their projectors on"),
  ...projectors.flatMap((key, index) => [
    set(LESSON.from_s + index * 0.8, key, "Projector/Power", "warming"),
    set(LESSON.from_s + index * 0.8 + 5, key, "Projector/Power", "on"),
  ]),
  tell(LESSON.to_s, "下课，有一台投影机忘记关闭", "Lessons end; one projector is left on"),
  ...projectors
    .filter((key) => key !== FORGOTTEN)
    .flatMap((key, index) => [
      set(LESSON.to_s + index * 0.8, key, "Projector/Power", "cooling"),
      set(LESSON.to_s + index * 0.8 + 6, key, "Projector/Power", "off"),
    ]),
  set(250, FORGOTTEN, "Projector/Power", "cooling"),
  set(256, FORGOTTEN, "Projector/Power", "off"),
];

const fullClassroom: readonly Step[] = [
  tell(58, "满座的教室里二氧化碳升高", "Carbon dioxide rises in a full classroom"),
  ...drift(58, 98, `${MIDDLE}/air-301`, "Environment/CO2", 650, 2_150),
  ...drift(150, 180, `${MIDDLE}/air-301`, "Environment/CO2", 2_150, 650),
];

const forcedDoor: readonly Step[] = [
  tell(75, "危化品储藏室的门在未授权的情况下打开", "The chemical store's door opens without a grant"),
  set(75, `${RIVERSIDE}/gate-store`, "Door/Open", true),
  set(78, `${RIVERSIDE}/camera-hall-b`, "Motion/Active", true),
  set(92, `${RIVERSIDE}/camera-hall-b`, "Motion/Active", false),
  set(96, `${RIVERSIDE}/gate-store`, "Door/Open", false),
];

const panicButton: readonly Step[] = [
  tell(104, "门卫室按下一键报警", "The panic button in the gatehouse is pressed"),
  set(104, `${PRIMARY}/panic-lodge`, "Panic/Pressed", true),
  set(112, `${PRIMARY}/panic-lodge`, "Panic/Pressed", false),
];

const failedSwitch: readonly Step[] = [
  tell(128, "教学楼接入交换机断电，其下设备全部离线", "A switch loses power, and everything behind it"),
  down(128, `${MIDDLE}/switch-a`),
  tell(190, "交换机恢复供电", "The switch has power again"),
  mended(190, `${MIDDLE}/switch-a`),
];

const coveredCamera: readonly Step[] = [
  tell(212, "走廊摄像机被遮挡", "A corridor camera is covered"),
  set(212, `${PRIMARY}/camera-corridor-2`, "Video/Tamper", true),
  set(236, `${PRIMARY}/camera-corridor-2`, "Video/Tamper", false),
];

/** Lesser things, spread so that something happens whenever somebody looks. */
const odds: readonly Step[] = [
  tell(56, "一台摄像机没有图像", "A camera has no picture"),
  set(56, `${RIVERSIDE}/camera-hall-a`, "Video/Loss", true),
  set(70, `${RIVERSIDE}/camera-hall-a`, "Video/Loss", false),
  tell(114, "闸机外壳被打开", "The housing of a gate is opened"),
  set(114, `${MIDDLE}/gate-main`, "Door/Tamper", true),
  set(124, `${MIDDLE}/gate-main`, "Door/Tamper", false),
  tell(150, "实验室漏水", "Water leaks in the laboratory"),
  set(150, `${PRIMARY}/air-lab`, "Environment/Leak", true),
  set(200, `${PRIMARY}/air-lab`, "Environment/Leak", false),
  tell(170, "交换机端口供电故障", "A switch port fails to deliver power"),
  set(170, `${RIVERSIDE}/switch-b`, "PoE/3/Detection", "fault"),
  set(186, `${RIVERSIDE}/switch-b`, "PoE/3/Detection", "delivering"),
  tell(228, "宿舍门刷卡打开后忘记关闭", "The dormitory door is opened with a card, and not closed"),
  swipe(228, `${RIVERSIDE}/gate-dormitory`, 9_001)[0],
  set(228.2, `${RIVERSIDE}/gate-dormitory`, "Door/Open", true),
  set(252, `${RIVERSIDE}/gate-dormitory`, "Door/Open", false),
].filter((step) => step !== undefined);

/** Who comes and goes while pupils are in their rooms. */
const callers: readonly Step[] = [
  ...[8, 20, 33, 47].flatMap((seconds, index) => swipe(seconds, `${PRIMARY}/terminal-office`, 8_000 + index)),
  tell(62, "两位访客登记入校", "Two visitors sign in"),
  visitor(62, `${PRIMARY}/visitors`, "V-1", "arrives"),
  visitor(66, `${PRIMARY}/visitors`, "V-2", "arrives"),
  visitor(140, `${PRIMARY}/visitors`, "V-1", "leaves"),
  visitor(196, `${PRIMARY}/visitors`, "V-2", "leaves"),
];

/** The dormitory is empty by day: less power, drier air; and both as they were when the boarders are back. */
const dormitory: readonly Step[] = [
  ...drift(40, 60, `${RIVERSIDE}/meter-dormitory`, "Meter/Power", 9, 2),
  ...drift(210, 240, `${RIVERSIDE}/meter-dormitory`, "Meter/Power", 2, 9),
  ...drift(45, 75, `${RIVERSIDE}/climate-dormitory`, "Environment/Humidity", 58, 46),
  ...drift(212, 242, `${RIVERSIDE}/climate-dormitory`, "Environment/Humidity", 46, 58),
];

/** Air that breathes a little everywhere else, so that no sensor stands still. */
function breathing(): Step[] {
  const busy = `${MIDDLE}/air-301`;
  const rooms = devicesOf(LINLAN).filter(({ id, key }) => id.startsWith("air-") && key !== busy);
  return rooms.flatMap(({ key }, index) =>
    Array.from({ length: 9 }, (_, beat) => beat).flatMap((beat) => {
      const wave = Math.sin(((beat + index) / 9) * 2 * Math.PI);
      const seconds = beat * 30 + index * 1.3;
      return [
        set(seconds, key, "Environment/CO2", Math.round(700 + 150 * wave)),
        set(seconds, key, "Environment/Temperature", Math.round((22.5 + 1.2 * wave) * 10) / 10),
        set(seconds, key, "Environment/Humidity", Math.round(45 + 4 * wave)),
      ];
    }),
  );
}

export const SCHOOL_DAY: Timeline = timeline(LENGTH_S * 1000, [
  tell(0, "早晨，学生到校", "Morning: pupils arrive"),
  ...arrival(),
  ...fever,
  ...refusedCard,
  ...lessons,
  ...fullClassroom,
  ...forcedDoor,
  ...panicButton,
  ...failedSwitch,
  ...coveredCamera,
  ...odds,
  ...callers,
  ...dormitory,
  tell(DEPARTURE.from_s, "放学", "School is over"),
  ...departure(),
  ...breathing(),
]);
