/** School buses. */
import { DataType } from "../datatype.ts";
import { flag, gauge, text, total } from "./builders.ts";
import type { CapabilityDefinition } from "./definition.ts";

export const TRANSPORT = {
  Bus: {
    title: text("校车", "School bus"),
    metrics: {
      Ignition: flag("点火", "ignition on"),
      Positioned: flag("已定位", "position known"),
      SOS: flag("紧急报警", "SOS", "alarm"),
      Overspeed: flag("超速报警", "overspeed", "alarm"),
      Fatigue: flag("疲劳驾驶", "tired driver", "alarm"),
      DoorOpen: flag("车门开", "door open"),
      Speed: gauge("车速", "speed", "km/h", [0, 250], 3),
      Mileage: total("里程", "mileage", "km"),
      Fuel: gauge("油量", "fuel", "L", [0, 1000], 2),
      Aboard: gauge("车上人数", "people aboard", "{person}", [0, 200], 1),
      OffRoute: flag("偏离路线", "off its route", "alarm"),
      AtSchool: flag("在校内", "at the school"),
      AntennaFault: flag("天线故障", "antenna fault"),
      PowerFault: flag("主电源掉电", "main power lost", "alarm"),
    },
    events: {
      /** One fix: its numbers belong together, so it is one event and not five metrics. WGS 84. */
      Position: {
        title: text("位置", "position"),
        dataClass: "state",
        fields: {
          latitude: {
            title: text("纬度", "latitude"),
            datatype: DataType.Double,
            unit: "deg",
            plausible: [-90, 90],
          },
          longitude: {
            title: text("经度", "longitude"),
            datatype: DataType.Double,
            unit: "deg",
            plausible: [-180, 180],
          },
          altitude: { title: text("海拔", "altitude"), datatype: DataType.Double, unit: "m" },
          speed: {
            title: text("车速", "speed"),
            datatype: DataType.Double,
            unit: "km/h",
            plausible: [0, 250],
          },
          heading: {
            title: text("方向", "heading"),
            datatype: DataType.Double,
            unit: "deg",
            plausible: [0, 360],
          },
        },
      },
      /** A driver put in or took out the licence card. */
      Driver: {
        title: text("驾驶员插卡", "driver card"),
        dataClass: "access",
        fields: {
          inserted: { title: text("插入", "inserted"), datatype: DataType.Boolean },
          credential: { title: text("凭证", "credential"), datatype: DataType.String, personal: true },
          result: {
            title: text("读卡结果", "result"),
            datatype: DataType.String,
            values: {
              read: text("读卡成功", "read"),
              "not-authenticated": text("认证未通过", "not authenticated"),
              locked: text("卡片锁定", "locked"),
              withdrawn: text("卡片被拔出", "withdrawn"),
              "check-failed": text("校验错误", "check failed"),
            },
          },
        },
      },
    },
  },
} as const satisfies Record<string, CapabilityDefinition>;
