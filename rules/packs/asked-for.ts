/** What a campus is asked to watch, line by line, and the rules that do. A line without a rule fails a test. */
import type { LocalText } from "@campus-ops/device-profiles/vocabulary";

export interface AskedFor {
  readonly title: LocalText;
  readonly rules: readonly string[];
}

const line = (zh: string, en: string, ...rules: readonly string[]): AskedFor => ({
  title: { zh, en },
  rules,
});

export const ASKED_FOR: readonly AskedFor[] = [
  line("一键报警", "panic button", "panic-pressed", "panic-line-fault"),
  line("消防主机火警", "fire host alarm", "fire-alarm"),
  line("消防主机故障", "fire host fault", "fire-host-fault", "fire-power-fault", "fire-points-shielded"),
  line(
    "非开放时段封闭区域入侵",
    "intrusion in a closed area out of hours",
    "area-intrusion",
    "intrusion-zone",
    "intrusion-confirmed",
    "motion-out-of-hours",
    "not-armed-at-night",
  ),
  line("门被强行打开", "door forced", "door-forced", "door-forced-by-controller"),
  line("门长时间未关", "door held open", "door-held-open"),
  line("夜间门未上锁", "door left unlocked at night", "door-unlocked-at-night"),
  line("尾随", "tailgating", "tailgating"),
  line("凭证反复被拒", "refused credential repeated", "credential-refused-repeatedly"),
  line("已注销凭证被使用", "revoked credential used", "revoked-credential-used"),
  line("疑似发热", "fever suspect", "fever-suspect", "fever-upheld"),
  line(
    "测温设备漂移或读数不变",
    "temperature scanner drifted or stuck",
    "scanner-drift",
    "scanner-stuck",
    "scanner-fault",
    "scanner-invalid-readings",
  ),
  line("访客超时", "visitor overstays", "visitor-overstay"),
  line("访客进入禁止区域", "visitor in a forbidden zone", "visitor-forbidden-zone"),
  line(
    "非开放时段校门有人或车辆",
    "person or vehicle at the gate out of hours",
    "gate-activity-out-of-hours",
  ),
  line("宿舍晚归", "dormitory late return", "dormitory-late-return"),
  line("熄灯后未归", "absent at curfew", "dormitory-absent"),
  line("第一节课未到", "not arrived by the first period", "not-arrived"),
  line("放学前离校", "left before the end", "left-early"),
  line("校车偏离路线", "bus off its route", "bus-off-route"),
  line("校车超速", "bus overspeed", "bus-overspeed"),
  line("校车紧急报警", "bus SOS", "bus-sos"),
  line("校车未到", "bus not arrived", "bus-not-arrived"),
  line(
    "线路结束后车上有人",
    "people aboard after the end of the route, idling or not",
    "bus-idling-aboard",
    "bus-child-left-aboard",
  ),
  line("摄像机离线", "camera offline", "camera-unreachable"),
  line("视频丢失", "video loss", "video-loss", "channel-video-loss", "picture-frozen"),
  line("摄像机被遮挡", "camera tampered with", "camera-tampered"),
  line("摄像机虚焦", "camera defocused", "camera-defocused"),
  line("时钟不准", "clock wrong", "device-clock-wrong"),
  line(
    "录像保存不足 30 天",
    "recording kept for less than 30 days",
    "recording-kept-too-short",
    "channel-recording-kept-too-short",
    "recording-stopped",
    "recorder-disk-fault",
  ),
  line("巡更漏点（每日不少于 5 次）", "patrol point missed (at least 5 rounds a day)", "patrol-missed"),
  line("校门拥挤", "crowding at the gate", "crowding"),
  line("二氧化碳", "CO₂", "co2-high"),
  line("室温", "temperature of rooms", "room-temperature-high", "room-temperature-rising"),
  line("漏水", "leak", "water-leak"),
  line("烟雾与燃气", "smoke and gas", "smoke", "gas-leak"),
  line("用电过载", "electricity overload", "electricity-overload", "residual-current", "cable-hot"),
  line("出口中断", "uplink down", "uplink-down"),
  line("班均带宽不足 10 Mbit/s", "bandwidth a class below 10 Mbit/s", "bandwidth-low"),
  line("网络环路", "network loop", "network-loop"),
  line("端口陌生设备", "rogue device on a port", "rogue-device"),
  line("边缘盒磁盘", "edge box: disk", "edge-disk-low"),
  line("边缘盒时钟", "edge box: clock", "edge-clock-untrusted"),
  line("边缘盒温度", "edge box: temperature", "edge-hot"),
  line("边缘盒丢失数据", "edge box: losses", "edge-data-lost", "edge-losing-samples"),
  line("边缘盒证书到期", "edge box: certificate about to end", "edge-certificate-ending"),
];
