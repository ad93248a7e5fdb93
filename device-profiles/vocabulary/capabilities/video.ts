/** Cameras, their streams, and what records them. */
import { choice, flag, gauge, text } from "./builders.ts";
import type { CapabilityDefinition } from "./definition.ts";

export const VIDEO = {
  Video: {
    title: text("视频", "Video"),
    metrics: {
      Loss: flag("视频丢失", "video loss", "alarm"),
      Tamper: flag("遮挡或移位", "tampered with", "alarm"),
      Defocused: flag("虚焦", "out of focus"),
    },
  },
  Motion: {
    title: text("移动侦测", "Motion"),
    metrics: { Active: flag("有移动", "motion", "state") },
  },
  Stream: {
    title: text("视频流", "Stream"),
    metrics: {
      Alive: flag("可取流", "alive"),
      Frozen: flag("画面静止", "frozen picture"),
      Black: flag("黑屏", "black picture"),
      Codec: choice("编码", "codec", {}),
      Width: gauge("宽", "width", "{pixel}", [1, 16_384], 1),
      Height: gauge("高", "height", "{pixel}", [1, 16_384], 1),
      FrameRate: gauge("帧率", "frame rate", "/s", [0, 240], 2),
      BitRate: gauge("码率", "bit rate", "Mbit/s", [0, 1000], 0.5),
    },
  },
  Recording: {
    title: text("录像", "Recording"),
    metrics: {
      Active: flag("正在录像", "recording"),
      KeptDays: gauge("已保存天数", "days kept", "d", [0, 10_000], 0.5),
      DiskFault: flag("硬盘故障", "disk fault", "alarm"),
      DiskFull: flag("硬盘已满", "disk full"),
    },
  },
  /** The channels of a recorder. */
  Channel: {
    title: text("通道", "Channel"),
    instance: text("通道", "channel"),
    metrics: {
      Online: flag("在线", "online"),
      Loss: flag("视频丢失", "video loss", "alarm"),
      Tamper: flag("遮挡或移位", "tampered with", "alarm"),
      Motion: flag("有移动", "motion"),
      Recording: flag("正在录像", "recording"),
      KeptDays: gauge("已保存天数", "days kept", "d", [0, 10_000], 0.5),
    },
  },
  PTZ: {
    title: text("云台", "Pan, tilt, zoom"),
    metrics: {
      /** Token of the preset that was asked for last; empty when the camera has been moved by other means. */
      Preset: choice("预置位", "preset", {}, { writable: true }),
    },
  },
  Analytics: {
    title: text("智能分析", "Video analytics"),
    metrics: {
      Intrusion: flag("区域入侵", "intrusion", "alarm"),
      LineCrossed: flag("越界", "line crossed", "alarm"),
      Loitering: flag("徘徊", "loitering", "alarm"),
      Crowd: flag("人员聚集", "crowd", "alarm"),
      Fight: flag("打架", "fight", "alarm"),
      Smoke: flag("烟火识别", "smoke or flame seen", "alarm"),
    },
  },
} as const satisfies Record<string, CapabilityDefinition>;
