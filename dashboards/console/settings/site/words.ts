/** The texts of the page about cities, counties and campuses. */

const zh = {
  title: "学校与校区",
  intro:
    "名称随时可改，中英文各一。代码一经使用不能改：历史数据、权限和证书都以它为准。保存后平台用新内容重新启动，十几秒内页面会短暂断线，报警不会丢失。",
  above:
    "本平台若向上级平台上报：新校区随后自动上报，上级平台的校区名单里也要有它。新校区的边缘盒可以马上在“盒子入网”签发。",
  part: "平台的所有",
  city: "市",
  cityCode: (code: string) => `代码 ${code}`,
  counties: "区县与校区",
  zh: "中文名",
  en: "英文名",
  enHint: "不填则与中文相同",
  countyCode: "区县代码",
  countyCodeHint: "GB/T 2260，6 位数字，与市代码开头相同",
  campusId: "校区代码",
  campusIdHint: "小写字母、数字和连字符，例如 qiyun-no2；即边缘盒的 Sparkplug group id，以后不能改",
  noCampus: "还没有校区。",
  places: "楼栋、楼层与房间的名称",
  placesHint:
    "一行一处：路径、空格、中文名，可再加“ / 英文名”。例如：a/3/301 301 教室 / Room 301。路径要与设备登记的位置一致，最多三级。",
  placeCount: (count: number) =>
    count === 0 ? "没有为楼栋和房间命名" : `已命名 ${count} 处楼栋、楼层和房间`,
  wrongLines: (lines: string) => `第 ${lines} 行没有读懂，或路径重复，请改正。`,
  addCounty: "添加区县",
  addCampus: (county: string) => `在${county}添加校区`,
  editCity: "修改市名",
  editCounty: "修改区县名称",
  editCampus: "修改校区",
  wrongId: "校区代码只能用小写字母、数字和连字符，以字母或数字开头，最长 64 个字符。",
};

export type SiteWords = typeof zh;

const en: SiteWords = {
  title: "Schools and campuses",
  intro:
    "Names may change at any time, in both languages. A code stays once it is in use: history, rights and certificates go by it. After saving, the hub begins again with it: pages lose their connection for ten or twenty seconds, and no alarm is lost.",
  above:
    "Where this hub reports to one above, it tells of a new campus by itself; the hub above needs it among its own campuses. Its boxes can be enrolled at once, under “Box enrolment”.",
  part: "The hub",
  city: "City",
  cityCode: (code) => `code ${code}`,
  counties: "Counties and campuses",
  zh: "Name in Chinese",
  en: "Name in English",
  enHint: "the Chinese one where empty",
  countyCode: "County code",
  countyCodeHint: "GB/T 2260, six digits, beginning as the city's does",
  campusId: "Campus code",
  campusIdHint:
    "lower-case letters, digits and hyphens, such as qiyun-no2; the Sparkplug group id of its boxes, never changed later",
  noCampus: "There is no campus yet.",
  places: "Names of buildings, floors and rooms",
  placesHint:
    "One a line: path, space, Chinese name, and “ / English name” if there is one. Such as: a/3/301 301 教室 / Room 301. Paths are those that devices are registered at, three levels at most.",
  placeCount: (count) =>
    count === 0 ? "no names of buildings and rooms" : `${count} buildings, floors and rooms have names`,
  wrongLines: (lines) => `Lines ${lines} could not be read, or name a path again.`,
  addCounty: "Add a county",
  addCampus: (county) => `Add a campus in ${county}`,
  editCity: "Change the city's name",
  editCounty: "Change a county's name",
  editCampus: "Change a campus",
  wrongId:
    "A campus code is lower-case letters, digits and hyphens, begins with a letter or digit, and has 64 at most.",
};

export const SITE_WORDS = { zh, en };
