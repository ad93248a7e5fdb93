import { DEVICE_CLASSES, parseMetricName } from "@campus-ops/device-profiles/vocabulary";
import type { DeviceView } from "@campus-ops/ingest/api";
import { Link } from "wouter";
import { LookNow } from "../alarms/look-now.tsx";
import { placeText } from "../format/place.ts";
import { agoText, spanText } from "../format/time.ts";
import { capitalised } from "../format/value.ts";
import { useNow } from "../live/clock.ts";
import { useConnection, useDevice, useInventory, useSite } from "../live/live.tsx";
import { useSpeech } from "../text/language.tsx";
import { OrderOfDevice } from "../work-orders/of-subject.tsx";
import { ChartPane } from "./chart-pane.tsx";
import { CommandPanel } from "./commands.tsx";
import { lastHeard } from "./filter.ts";
import { HealthWord } from "./health.tsx";
import { MetricTable } from "./metrics.tsx";
import { Notes } from "./notes.tsx";
import { HealthTimeline } from "./timeline.tsx";

const DAY_MS = 86_400_000;
const TIMELINE_DAYS = 7;
const TIMELINE_STEP_MS = 300_000;

const PROVEN = ["vectors", "peer", "hardware"] as const;

export function DeviceDetail({ deviceKey }: { readonly deviceKey: string }) {
  const { t } = useSpeech();
  const { device, query } = useDevice(deviceKey);
  if (device === undefined) {
    return <p className="quiet-note">{query.isPending ? t.loading : t.devices.missing}</p>;
  }
  return <Known device={device} />;
}

function Known({ device }: { readonly device: DeviceView }) {
  const { t, language, local } = useSpeech();
  const { inventory } = useInventory();
  const site = useSite();
  const now = useNow();
  const pageIsLive = useConnection().state !== "lost";
  const contact = lastHeard(device);
  // Asked for again every five minutes, and not every second.
  const until = Math.floor(now / TIMELINE_STEP_MS) * TIMELINE_STEP_MS;
  const node = inventory.nodes.get(`${device.campus}/${device.node}`);
  const upstream =
    device.dependsOn === undefined
      ? undefined
      : inventory.devices.get(`${device.campus}/${device.node}/${device.dependsOn}`);
  const proven = PROVEN.find((each) => each === device.proven);
  // What the device is stands above; below stands what it says.
  const readings = device.metrics.filter(({ name }) => parseMetricName(name)?.capability !== "Properties");
  const property = (name: string): string | undefined => {
    const value = device.metrics.find((metric) => metric.name === `Properties/${name}`)?.value;
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  const model = [property("Vendor"), property("Model"), property("Firmware")].filter(Boolean).join(" ");
  return (
    <article>
      <header className="detail-header">
        <div>
          <h2>{local(device.title)}</h2>
          <p className="detail-subtitle">
            <HealthWord health={device.health} />
            <span>{t.devices.since(spanText(now - device.since, t))}</span>
          </p>
        </div>
      </header>
      {device.health !== "working" && (
        <p className="health-meaning">{capitalised(t.healthMeaning[device.health])}</p>
      )}
      <dl className="facts">
        <Fact title={t.devices.class}>{capitalised(local(DEVICE_CLASSES[device.class]))}</Fact>
        <Fact title={t.devices.place}>{placeText(site, device.path, language)}</Fact>
        <Fact title={t.devices.lastContact}>{contact === undefined ? "—" : agoText(contact, now, t)}</Fact>
        <Fact title={t.devices.node}>
          <Link href={`/devices?view=nodes&device=${encodeURIComponent(`${device.campus}/${device.node}`)}`}>
            {node === undefined ? device.node : local(node.title)}
          </Link>
        </Fact>
        {upstream !== undefined && (
          <Fact title={t.devices.dependsOn}>
            <Link href={`/devices?device=${encodeURIComponent(upstream.key)}`}>{local(upstream.title)}</Link>
          </Fact>
        )}
        <Fact title={t.devices.profile}>
          {device.profile}
          {model !== "" && ` · ${model}`}
        </Fact>
        <Fact title={t.proven.label}>{proven === undefined ? device.proven : t.proven[proven]}</Fact>
      </dl>
      {device.class === "camera" && <LookNow key={device.key} camera={device.key} title={device.title} />}
      <CommandPanel device={device} />
      <p>
        <OrderOfDevice device={device.key} title={local(device.title)} />
      </p>
      <HealthTimeline device={device.key} from={until - TIMELINE_DAYS * DAY_MS} to={until} />
      <section>
        <h3>{t.devices.metrics}</h3>
        <MetricTable metrics={readings} health={device.health} pageIsLive={pageIsLive} />
      </section>
      <ChartPane device={device} />
      <Notes device={device.key} />
    </article>
  );
}

export function Fact({ title, children }: { readonly title: string; readonly children: React.ReactNode }) {
  return (
    <div>
      <dt>{title}</dt>
      <dd>{children}</dd>
    </div>
  );
}
