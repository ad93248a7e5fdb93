/**
 * 临岚市, a city that does not exist: two counties, three campuses. Its code 990100 lies outside of GB/T 2260, so that
 * nobody mistakes it for a real one.
 */
import type { CampusPlan, CityPlan, DevicePlan } from "./plan.ts";

const BEHIND = { a: "switch-a", b: "switch-b" } as const;

/** A poll in the demonstration is shorter than a school would choose: its day has minutes. */
const SWITCH_POLL_MS = 4_000;
const ROOM_POLL_MS = 2_000;
const METER_POLL_MS = 10_000;

type Building = keyof typeof BEHIND;

const camera = (id: string, at: string, zh: string, en: string, behind: Building): DevicePlan => ({
  id: `camera-${id}`,
  profile: "camera/generic-onvif",
  title: { zh: `${zh}摄像机`, en: `${en} camera` },
  at,
  dependsOn: BEHIND[behind],
});

/** On a card of its own: what it saw before an alarm can be seen again. */
const recordingItself = (each: DevicePlan): DevicePlan => ({
  ...each,
  profile: "camera/generic-onvif-recording",
  recordedBy: { device: each.id },
});

const projector = (room: string, at: string, zh: string, en: string, behind: Building): DevicePlan => ({
  id: `projector-${room}`,
  profile: "projector/generic-pjlink-class-2",
  title: { zh: `${zh}投影机`, en: `${en} projector` },
  at,
  dependsOn: BEHIND[behind],
  pollInterval_ms: ROOM_POLL_MS,
});

const sensor = (room: string, at: string, zh: string, en: string, behind: Building): DevicePlan => ({
  id: `air-${room}`,
  profile: "environment-sensor/generic-room-monitor",
  title: { zh: `${zh}空气传感器`, en: `${en} air sensor` },
  at,
  dependsOn: BEHIND[behind],
  pollInterval_ms: ROOM_POLL_MS,
});

const gate = (id: string, at: string, zh: string, en: string): DevicePlan => ({
  id: `gate-${id}`,
  profile: "access-gate/generic-modbus-controller",
  title: { zh, en },
  at,
});

const scanner = (id: string, at: string, zh: string, en: string): DevicePlan => ({
  id: `scanner-${id}`,
  profile: "temperature-scanner/generic-modbus-tcp",
  title: { zh, en },
  at,
});

const panic = (id: string, at: string, zh: string, en: string): DevicePlan => ({
  id: `panic-${id}`,
  profile: "panic-button/generic-supervised-input",
  title: { zh: `${zh}一键报警器`, en: `${en} panic button` },
  at,
});

const networkSwitch = (building: Building, zh: string, en: string): DevicePlan => ({
  id: BEHIND[building],
  profile: "switch/generic-poe",
  title: { zh: `${zh}接入交换机`, en: `${en} access switch` },
  at: `${building}/1/riser`,
  pollInterval_ms: SWITCH_POLL_MS,
});

const PLACES = {
  gate: { zh: "校门", en: "School gate" },
  "gate/1": { zh: "门区", en: "Gate area" },
  "gate/1/main": { zh: "校门口", en: "Main gate" },
  "gate/1/lodge": { zh: "门卫室", en: "Gatehouse" },
  a: { zh: "教学楼", en: "Teaching building" },
  "a/1": { zh: "一层", en: "Ground floor" },
  "a/1/hall": { zh: "大厅", en: "Hall" },
  "a/1/riser": { zh: "弱电间", en: "Riser room" },
  "a/2": { zh: "二层", en: "Second floor" },
  "a/2/201": { zh: "201 教室", en: "Room 201" },
  "a/2/202": { zh: "202 教室", en: "Room 202" },
  "a/2/corridor": { zh: "二层走廊", en: "Second-floor corridor" },
  "a/3": { zh: "三层", en: "Third floor" },
  "a/3/301": { zh: "301 教室", en: "Room 301" },
  "a/3/corridor": { zh: "三层走廊", en: "Third-floor corridor" },
  b: { zh: "综合楼", en: "Main building" },
  "b/1": { zh: "一层", en: "Ground floor" },
  "b/1/hall": { zh: "门厅", en: "Lobby" },
  "b/1/riser": { zh: "弱电间", en: "Riser room" },
  "b/1/office": { zh: "教务处", en: "Office" },
  "b/2": { zh: "二层", en: "Second floor" },
  "b/2/lab": { zh: "实验室", en: "Laboratory" },
  "b/2/store": { zh: "危化品储藏室", en: "Chemical store" },
} as const;

/** What every campus of the city has, as if bought in one tender. */
const STANDARD: readonly DevicePlan[] = [
  networkSwitch("a", "教学楼", "Teaching building"),
  networkSwitch("b", "综合楼", "Main building"),
  gate("main", "gate/1/main", "校门通道闸机", "Main gate turnstile"),
  gate("store", "b/2/store", "危化品储藏室门禁", "Chemical store door"),
  scanner("main", "gate/1/main", "校门测温仪", "Main gate temperature scanner"),
  panic("lodge", "gate/1/lodge", "门卫室", "Gatehouse"),
  panic("office", "b/1/office", "教务处", "Office"),
  camera("gate", "gate/1/main", "校门口", "Main gate", "a"),
  camera("hall-a", "a/1/hall", "教学楼大厅", "Teaching building hall", "a"),
  camera("corridor-2", "a/2/corridor", "二层走廊", "Second-floor corridor", "a"),
  camera("corridor-3", "a/3/corridor", "三层走廊", "Third-floor corridor", "a"),
  camera("hall-b", "b/1/hall", "综合楼门厅", "Main building lobby", "b"),
  projector("201", "a/2/201", "201 教室", "Room 201", "a"),
  projector("202", "a/2/202", "202 教室", "Room 202", "a"),
  projector("301", "a/3/301", "301 教室", "Room 301", "a"),
  sensor("201", "a/2/201", "201 教室", "Room 201", "a"),
  sensor("301", "a/3/301", "301 教室", "Room 301", "a"),
  sensor("lab", "b/2/lab", "实验室", "Laboratory", "b"),
];

/** Hung up this morning: whoever puts devices into service finds it. */
const NEWCOMER: DevicePlan = {
  ...sensor("202", "a/2/202", "202 教室", "Room 202", "a"),
  id: "newcomer",
  isNew: true,
};

/** What the school that tries things out has beside it: its meter, its power, its recordings, its screen, its fire alarm. */
const SERVER_ROOM: readonly DevicePlan[] = [
  {
    id: "meter-b",
    profile: "meter/eastron-sdm630",
    title: { zh: "综合楼总电表", en: "Main building meter" },
    at: "b/1/riser",
  },
  {
    id: "ups-server",
    profile: "ups/apc-smart-ups-modbus",
    title: { zh: "机房不间断电源", en: "Server room UPS" },
    at: "b/1/server",
  },
  {
    id: "recorder",
    profile: "recorder/hikvision-isapi",
    title: { zh: "录像机", en: "Recorder" },
    at: "b/1/server",
    dependsOn: BEHIND.b,
  },
  {
    id: "controller-studio",
    profile: "classroom-controller/generic-hex",
    title: { zh: "录播教室中控", en: "Lecture-capture room controller" },
    at: "b/2/studio",
  },
  {
    id: "screen-hall",
    profile: "display/samsung-mdc",
    title: { zh: "门厅信息屏", en: "Lobby information screen" },
    at: "b/1/hall",
    dependsOn: BEHIND.b,
  },
  {
    id: "fire-host",
    profile: "fire-host/generic-gbt26875",
    title: { zh: "消防主机", en: "Fire alarm host" },
    at: "gate/1/lodge",
  },
];

const faceTerminal = (id: string, at: string, zh: string, en: string, behind: Building): DevicePlan => ({
  id: `terminal-${id}`,
  profile: "access-gate/hikvision-isapi-terminal",
  title: { zh: `${zh}人脸门禁`, en: `${en} face terminal` },
  at,
  dependsOn: BEHIND[behind],
  pollInterval_ms: METER_POLL_MS,
});

/** What the primary school has beside it: its visitors, its wireless network, a door of the staff's own. */
const FRONT_OFFICE: readonly DevicePlan[] = [
  {
    id: "visitors",
    profile: "visitor-terminal/generic-webhook",
    title: { zh: "访客一体机", en: "Visitor terminal" },
    at: "gate/1/lodge",
  },
  faceTerminal("office", "b/1/office", "教务处", "Office", "b"),
  {
    id: "ap-hall",
    profile: "access-point/generic-snmp",
    title: { zh: "大厅无线接入点", en: "Hall access point" },
    at: "a/1/hall",
    dependsOn: BEHIND.a,
    pollInterval_ms: SWITCH_POLL_MS,
  },
];

/** What the school with boarders has beside it: its dormitory's water, electricity and air, and its bus. */
const DORMITORY: readonly DevicePlan[] = [
  {
    id: "water-dormitory",
    profile: "meter/generic-cjt188-water",
    title: { zh: "宿舍楼水表", en: "Dormitory water meter" },
    at: "b/1/dormitory",
    pollInterval_ms: METER_POLL_MS,
  },
  {
    id: "meter-dormitory",
    profile: "meter/generic-dlt645-three-phase",
    title: { zh: "宿舍楼电表", en: "Dormitory electricity meter" },
    at: "b/1/dormitory",
    pollInterval_ms: METER_POLL_MS,
  },
  {
    id: "climate-dormitory",
    profile: "environment-sensor/aqara-wsdcgq11lm",
    title: { zh: "宿舍温湿度传感器（Zigbee）", en: "Dormitory climate sensor (Zigbee)" },
    at: "b/1/dormitory",
  },
  {
    id: "bus-1",
    profile: "bus-terminal/generic-jt808-2019",
    title: { zh: "1 号校车", en: "School bus 1" },
    at: "gate/1/main",
  },
];

const campus = (
  id: string,
  zh: string,
  en: string,
  more: Pick<CampusPlan, "places" | "devices">,
): CampusPlan => ({
  id,
  title: { zh, en },
  node: { id: "box-1", title: { zh: "一号边缘盒", en: "Edge box 1" } },
  places: { ...PLACES, ...more.places },
  devices: [...STANDARD, ...more.devices],
});

export const LINLAN: CityPlan = {
  code: "990100",
  title: { zh: "临岚市", en: "Linlan City" },
  counties: [
    {
      code: "990102",
      title: { zh: "栖云区", en: "Qiyun District" },
      campuses: [
        campus("qiyun-no1", "栖云区第一小学", "Qiyun No. 1 Primary School", {
          places: { "a/3/302": { zh: "302 音乐教室", en: "Music room 302" } },
          devices: [
            projector("302", "a/3/302", "302 音乐教室", "Music room 302", "a"),
            recordingItself(camera("store", "b/2/store", "危化品储藏室", "Chemical store", "b")),
            ...FRONT_OFFICE,
            NEWCOMER,
          ],
        }),
        campus("qiyun-shiyan", "栖云实验中学", "Qiyun Experimental Middle School", {
          places: {
            "b/2/studio": { zh: "录播教室", en: "Lecture-capture room" },
            "b/1/server": { zh: "机房", en: "Server room" },
          },
          devices: [
            projector("studio", "b/2/studio", "录播教室", "Lecture-capture room", "b"),
            camera("studio", "b/2/studio", "录播教室", "Lecture-capture room", "b"),
            sensor("server", "b/1/server", "机房", "Server room", "b"),
            ...SERVER_ROOM,
          ],
        }),
      ],
    },
    {
      code: "990121",
      title: { zh: "沐禾县", en: "Muhe County" },
      campuses: [
        campus("muhe-hepan", "沐禾县河畔中学", "Muhe Riverside Middle School", {
          places: {
            "b/1/dormitory": { zh: "宿舍楼入口", en: "Dormitory entrance" },
          },
          devices: [
            gate("dormitory", "b/1/dormitory", "宿舍门禁", "Dormitory door"),
            camera("dormitory", "b/1/dormitory", "宿舍楼入口", "Dormitory entrance", "b"),
            ...DORMITORY,
          ],
        }),
      ],
    },
  ],
};
