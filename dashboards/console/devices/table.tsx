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
import { lastContact } from "./filter.ts";
import { HealthWord } from "./health.tsx";

const ROW_HEIGHT_PX = 44;
const OVERSCAN_ROWS = 12;

interface Props {
  readonly devices: readonly DeviceView[];
  readonly selected: string;
  readonly onSelect: (key: string) => void;
}

/** Thousands of rows, of which only those on the screen are drawn. */
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
  return (
    <div
      className="device-table"
      role="table"
      aria-label={t.devices.table}
      aria-rowcount={devices.length + 1}
    >
      <div role="rowgroup">
        <div className="device-row device-head" role="row" aria-rowindex={1}>
          <span role="columnheader">{t.devices.health}</span>
          <span role="columnheader">{t.devices.name}</span>
          <span role="columnheader">{t.devices.class}</span>
          <span role="columnheader">{t.devices.place}</span>
          <span role="columnheader">{t.devices.lastContact}</span>
        </div>
      </div>
      <div
        className="device-scroll"
        ref={scrollRef}
        role="rowgroup"
        tabIndex={0}
        aria-label={t.devices.table}
      >
        <div className="device-sizer" role="presentation" style={{ height: virtualizer.getTotalSize() }}>
          {virtualizer.getVirtualItems().map((virtual) => {
            const device = devices[virtual.index];
            return (
              device !== undefined && (
                <div
                  key={virtual.key}
                  ref={virtualizer.measureElement}
                  data-index={virtual.index}
                  className="device-row"
                  role="row"
                  aria-rowindex={virtual.index + 2}
                  data-selected={device.key === selected}
                  style={{ transform: `translateY(${virtual.start}px)` }}
                >
                  <DeviceCells device={device} onSelect={onSelect} />
                </div>
              )
            );
          })}
        </div>
      </div>
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
  const contact = lastContact(device.metrics);
  return (
    <>
      <span role="cell">
        <HealthWord health={device.health} />
      </span>
      <span role="cell" className="device-name">
        <button type="button" onClick={() => onSelect(device.key)}>
          {local(device.title)}
        </button>
      </span>
      <span role="cell" className="device-class">
        {capitalised(local(DEVICE_CLASSES[device.class]))}
      </span>
      <span role="cell" className="device-place">
        {placeText(site, device.path, language)}
      </span>
      <span role="cell" className="device-contact value">
        {contact === undefined ? "—" : agoText(contact, now, t)}
      </span>
    </>
  );
}
