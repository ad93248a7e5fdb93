import { DEVICE_CLASSES } from "@campus-ops/device-profiles/vocabulary";
import type { DeviceView } from "@campus-ops/ingest/api";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useRef } from "react";
import { placeText } from "../format/place.ts";
import { agoText } from "../format/time.ts";
import { capitalised } from "../format/value.ts";
import { useNow } from "../live/clock.ts";
import { useSite } from "../live/live.tsx";
import { useSpeech } from "../text/language.tsx";
import { lastHeard } from "./filter.ts";
import { HealthWord } from "./health.tsx";

const ROW_HEIGHT_PX = 58;
const OVERSCAN_ROWS = 12;

interface Props {
  readonly devices: readonly DeviceView[];
  readonly selected: string;
  readonly onSelect: (key: string) => void;
}

/** Thousands of rows, of which only those on the screen are drawn; spacers stand for the rest. */
export function DeviceTable({ devices, selected, onSelect }: Props) {
  const { t } = useSpeech();
  const scrollRef = useRef<HTMLDivElement>(null);
  const virtualizer = useVirtualizer({
    count: devices.length,
    getScrollElement: () => scrollRef.current,
    estimateSize: () => ROW_HEIGHT_PX,
    getItemKey: (index) => devices[index]?.key ?? index,
    overscan: OVERSCAN_ROWS,
  });
  const rows = virtualizer.getVirtualItems();
  const above = rows[0]?.start ?? 0;
  const below = virtualizer.getTotalSize() - (rows.at(-1)?.end ?? 0);
  return (
    <div className="device-scroll" ref={scrollRef}>
      <table className="table device-table" aria-label={t.devices.table} aria-rowcount={devices.length + 1}>
        <thead>
          <tr aria-rowindex={1}>
            <th scope="col" className="device-health">
              {t.devices.health}
            </th>
            <th scope="col">{t.devices.name}</th>
            <th scope="col" className="device-class">
              {t.devices.class}
            </th>
            <th scope="col" className="device-contact">
              {t.devices.lastContact}
            </th>
          </tr>
        </thead>
        <tbody>
          {above > 0 && <tr style={{ height: above }} />}
          {rows.map((row) => {
            const device = devices[row.index];
            return (
              device !== undefined && (
                <tr
                  key={row.key}
                  ref={virtualizer.measureElement}
                  data-index={row.index}
                  data-selected={device.key === selected}
                  aria-rowindex={row.index + 2}
                >
                  <DeviceCells device={device} onSelect={onSelect} />
                </tr>
              )
            );
          })}
          {below > 0 && <tr style={{ height: below }} />}
        </tbody>
      </table>
    </div>
  );
}

function DeviceCells({
  device,
  onSelect,
}: {
  readonly device: DeviceView;
  readonly onSelect: Props["onSelect"];
}) {
  const { t, language, local } = useSpeech();
  const site = useSite();
  const now = useNow();
  const contact = lastHeard(device);
  return (
    <>
      <td className="device-health">
        <HealthWord health={device.health} />
      </td>
      <th scope="row" className="device-name">
        <button type="button" onClick={() => onSelect(device.key)}>
          {local(device.title)}
        </button>
        <span className="device-place">{placeText(site, device.path, language)}</span>
      </th>
      <td className="device-class">{capitalised(local(DEVICE_CLASSES[device.class]))}</td>
      <td className="device-contact value">{contact === undefined ? "—" : agoText(contact, now, t)}</td>
    </>
  );
}
