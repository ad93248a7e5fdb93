/** The bandwidth of classes as tables. Chinese first. */
import type { LocalText } from "@campus-ops/device-profiles/vocabulary";
import type { BandwidthFigure, RoomBandwidthView } from "../api/api.ts";
import { type Sheet, sheetOf } from "./workbook.ts";

const t = (zh: string, en: string): LocalText => ({ zh, en });

export function bandwidthSheets(
  figures: readonly BandwidthFigure[],
  rooms: readonly RoomBandwidthView[],
): readonly Sheet[] {
  return [
    sheetOf({
      title: t("带宽汇总", "bandwidth"),
      rows: figures,
      columns: [
        { title: t("名称", "title"), kind: "text", width: 28, of: ({ title }, language) => title[language] },
        { title: t("编号", "key"), kind: "text", width: 28, of: ({ key }) => key },
        { title: t("班级数", "classes"), kind: "number", of: ({ classes }) => classes },
        { title: t("链路已知", "links known"), kind: "number", of: ({ known }) => known },
        {
          title: t("不低于 10 Mbit/s", "10 Mbit/s or more"),
          kind: "number",
          width: 20,
          of: ({ met }) => met,
        },
        { title: t("达标比例", "share"), kind: "share", of: ({ share }) => share },
        { title: t("链路完整率", "completeness"), kind: "share", of: ({ completeness }) => completeness },
        {
          title: t("教室峰值均值（Mbit/s）", "mean peak of rooms (Mbit/s)"),
          kind: "number",
          width: 24,
          of: ({ p95Mean_Mbps }) => p95Mean_Mbps,
        },
        {
          title: t("流量完整率", "traffic measured"),
          kind: "share",
          of: ({ measuredShare }) => measuredShare,
        },
      ],
    }),
    sheetOf({
      title: t("教室带宽", "bandwidth of rooms"),
      rows: rooms,
      columns: [
        { title: t("名称", "title"), kind: "text", width: 28, of: ({ title }, language) => title[language] },
        { title: t("位置", "path"), kind: "text", width: 36, of: ({ room }) => room },
        { title: t("链路（Mbit/s）", "link (Mbit/s)"), kind: "number", of: ({ link_Mbps }) => link_Mbps },
        {
          title: t("交换机端口", "switch port"),
          kind: "text",
          width: 32,
          of: ({ ports }) => ports.map(({ at, port }) => `${at} ${port}`).join(", "),
        },
        {
          title: t("下行 95% 峰值（Mbit/s）", "down, 95th percentile (Mbit/s)"),
          kind: "number",
          width: 24,
          of: ({ down }) => down?.p95_Mbps,
        },
        {
          title: t("下行最大（Mbit/s）", "down, most (Mbit/s)"),
          kind: "number",
          width: 20,
          of: ({ down }) => down?.max_Mbps,
        },
        {
          title: t("上行 95% 峰值（Mbit/s）", "up, 95th percentile (Mbit/s)"),
          kind: "number",
          width: 24,
          of: ({ up }) => up?.p95_Mbps,
        },
        {
          title: t("流量完整率", "traffic measured"),
          kind: "share",
          of: ({ expected, measured }) => (expected === 0 ? undefined : measured / expected),
        },
      ],
    }),
  ];
}
