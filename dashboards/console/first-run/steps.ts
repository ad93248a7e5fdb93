/** How far a hub is on its way from empty to its first device, judged by what it answers and by nothing else. */
import type { BackupsView, MeView, SettingView } from "../../api/api.ts";

export const STEPS = ["administrator", "school", "calendar", "desk", "box", "device", "backup"] as const;
export type Step = (typeof STEPS)[number];

/** What of the hub the caller was shown; undefined for what is not there yet, or not theirs to see. */
export interface Seen {
  readonly me: Pick<MeView, "account"> | undefined;
  readonly campuses: number | undefined;
  readonly calendar: Pick<SettingView, "value"> | undefined;
  readonly desks: readonly { readonly channels: readonly string[] }[] | undefined;
  readonly channels:
    | readonly { readonly id: string; readonly alive: boolean; readonly detail: string }[]
    | undefined;
  /** Edge boxes online, and devices that work; the hub's own parts are neither. */
  readonly boxesOnline: number | undefined;
  readonly devicesWorking: number | undefined;
  readonly backups: Pick<BackupsView, "provenAt"> | undefined;
}

/** True for done, false for still to do, undefined where nobody can say. */
export function stateOf(step: Step, seen: Seen): boolean | undefined {
  const { backups, boxesOnline, calendar, campuses, channels, desks, devicesWorking, me } = seen;
  switch (step) {
    case "administrator":
      return me === undefined ? undefined : me.account !== undefined;
    case "school":
      return campuses === undefined ? undefined : campuses > 0;
    case "calendar":
      return calendar === undefined ? undefined : calendar.value !== null;
    case "desk": {
      if (desks === undefined || channels === undefined) return undefined;
      // What a channel said is empty until it has taken its first message.
      const heard = new Set(
        channels.filter(({ alive, detail }) => alive && detail !== "").map(({ id }) => id),
      );
      return desks.some((desk) => desk.channels.some((id) => heard.has(id)));
    }
    case "box":
      return boxesOnline === undefined ? undefined : boxesOnline > 0;
    case "device":
      return devicesWorking === undefined ? undefined : devicesWorking > 0;
    case "backup":
      return backups === undefined ? undefined : backups.provenAt !== undefined;
  }
}
