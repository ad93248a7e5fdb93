/** What the numbers of GB/T 26875.3-2011 stand for. */

/**
 * Bits of a component's state (figure 12) that are told as events, the most important first. Bit 0 set alone is
 * normal, not set is a test.
 */
export const COMPONENT_STATES = [
  [1, "fire"],
  [2, "fault"],
  [4, "supervisory"],
  [5, "started"],
  [6, "feedback"],
  [7, "delayed"],
  [3, "shielded"],
  [8, "power-fault"],
] as const;

/** Bits of an operation (figure 14), of the system's panel; bit 5 is an answer to a roll call at the transmitter. */
export const OPERATIONS = [
  "reset",
  "silence",
  "manual-alarm",
  "all-clear",
  "self-test",
  "confirm",
  "test",
] as const;

/** Table 7: what a measurement is of, and its resolution in the unit of its name. */
export const QUANTITIES: Readonly<Record<number, readonly [name: string, perUnit: number]>> = {
  1: ["events", 1],
  2: ["height-m", 100],
  3: ["temperature-cel", 10],
  4: ["pressure-mpa", 10],
  5: ["pressure-kpa", 10],
  6: ["gas-lel", 10],
  7: ["time-s", 1],
  8: ["voltage-v", 10],
  9: ["current-a", 10],
  10: ["flow-l-s", 10],
  11: ["air-m3-min", 10],
  12: ["air-speed-m-s", 1],
};

/** Table 6, the ones that schools have; the others are told by their number. */
export const COMPONENT_TYPES: Readonly<Record<number, string>> = {
  0: "通用",
  1: "火灾报警控制器",
  10: "可燃气体探测器",
  16: "电气火灾监控报警器",
  17: "剩余电流式电气火灾监控探测器",
  18: "测温式电气火灾监控探测器",
  21: "探测回路",
  22: "火灾显示盘",
  23: "手动火灾报警按钮",
  24: "消火栓按钮",
  25: "火灾探测器",
  30: "感温火灾探测器",
  31: "点型感温火灾探测器",
  34: "线型感温火灾探测器",
  40: "感烟火灾探测器",
  41: "点型离子感烟火灾探测器",
  42: "点型光电感烟火灾探测器",
  43: "线型光束感烟火灾探测器",
  44: "吸气式感烟火灾探测器",
  50: "复合式火灾探测器",
  61: "紫外火焰探测器",
  62: "红外火焰探测器",
  69: "感光火灾探测器",
  74: "气体探测器",
  81: "气体灭火控制器",
  82: "消防电气控制装置",
  83: "消防控制室图形显示装置",
  84: "模块",
  85: "输入模块",
  86: "输出模块",
  87: "输入/输出模块",
  88: "中继模块",
  91: "消防水泵",
  92: "消防水箱",
  95: "喷淋泵",
  96: "水流指示器",
  97: "信号阀",
  98: "报警阀",
  99: "压力开关",
  101: "阀驱动装置",
  102: "防火门",
  103: "防火阀",
  104: "通风空调",
  111: "防烟排烟风机",
  113: "排烟防火阀",
  117: "防火卷帘控制器",
  118: "防火门监控器",
  121: "警报装置",
};

export const componentType = (type: number): string => COMPONENT_TYPES[type] ?? `类型 ${type}`;
