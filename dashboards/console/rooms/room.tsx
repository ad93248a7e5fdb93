import { parseMetricName } from "@campus-ops/device-profiles/vocabulary";
import { Link } from "wouter";
import { CommandPanel } from "../devices/commands.tsx";
import { HealthWord } from "../devices/health.tsx";
import { placeText } from "../format/place.ts";
import { metricTitle, metricValueText } from "../format/value.ts";
import { useDevice, useSite } from "../live/live.tsx";
import { useSpeech, useWords } from "../text/language.tsx";
import type { Room } from "./rooms.ts";
import { RunHistory } from "./run-history.tsx";
import { SceneButtons } from "./scenes.tsx";
import { ROOM_WORDS } from "./words.ts";

/** How many values of a device say at a glance how it is. */
const VALUES_MAX = 6;

/** One room: its scenes, and each device with what it says and what can be commanded. */
export function RoomPane({ room }: { readonly room: Room }) {
  const { language } = useSpeech();
  const words = useWords(ROOM_WORDS);
  const site = useSite();
  return (
    <article>
      <header className="detail-header">
        <h2>{placeText(site, room.path, language)}</h2>
      </header>
      <SceneButtons path={room.path} devices={room.devices.length} savable />
      <ul className="plain-list">
        {room.devices.map(({ key }) => (
          <li key={key} className="room-device">
            <RoomDevice deviceKey={key} />
          </li>
        ))}
      </ul>
      <p>
        <Link href="/use">{words.use}</Link>
      </p>
      <RunHistory path={room.path} />
    </article>
  );
}

function RoomDevice({ deviceKey }: { readonly deviceKey: string }) {
  const { language, local } = useSpeech();
  const { device } = useDevice(deviceKey);
  if (device === undefined) return null;
  const values = device.metrics
    .filter(({ name }) => !/^(Properties|Connectivity|Commissioning)\//.test(name))
    .toSorted((a, b) => Number(isPower(b.name)) - Number(isPower(a.name)) || (a.name < b.name ? -1 : 1))
    .slice(0, VALUES_MAX);
  return (
    <>
      <h3>
        <Link href={`/devices?device=${encodeURIComponent(device.key)}`}>{local(device.title)}</Link>{" "}
        <HealthWord health={device.health} />
      </h3>
      <dl className="room-values">
        {values.map(({ name, value }) => (
          <div key={name}>
            <dt>{metricTitle(name, language)}</dt>
            <dd className="value">{metricValueText(name, value, language)}</dd>
          </div>
        ))}
      </dl>
      <CommandPanel device={device} />
    </>
  );
}

/** Whether it is on comes before everything else that it says. */
function isPower(name: string): boolean {
  const metric = parseMetricName(name)?.metric;
  return metric === "Power" || metric === "On" || metric === "System";
}
