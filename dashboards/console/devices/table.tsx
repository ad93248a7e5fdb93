import { DEVICE_CLASSES } from "@campus-ops/device-profiles/vocabulary";
import type { DeviceView } from "@campus-ops/ingest/api";
import { useVirtualizer } from "@tanstack/react-virtual";
import { memo, useRef } from "react";
import { SortHeading, type TableSorting } from "../controls/sort-heading.tsx";
import { placeText } from "../format/place.ts";
import { agoText } from "../format/time.ts";
import { capitalised } from "../format/value.ts";
import { useNow } from "../live/clock.ts";
import { useSite } from "../live/live.tsx";
import { useSpeech } from "../text/language.tsx";
import { type DeviceColumn, lastHeard } from "./filter.ts";
import { HealthWord } from "./health.tsx";

/** As high as the style sheet makes a row: nothing is measured while twenty thousand of them go by. */
const ROW_HEIGHT_REM = 3.9;
const OVERSCAN_ROWS = 6;

interface Props {
  readonly devices: readonly DeviceView[];
  readonly order: TableSorting<DeviceColumn>;
  readonly selected: string;
  readonly onSelect: (key: string) => void;
}

/** Thousands of rows, of which only those on the screen are drawn; spacers stand for the rest. */
export function DeviceTable({ devices, order, selected, onSelect }: Props) {
  const { t } = useSpeech();
  const scrollRef = useRef<HTMLDivElement>(null);
  const select = useRef(onSelect);
  select.current = onSelect;
  const virtualizer = useVirtualizer({
    count: devices.length,
    getScrollElement: () => scrollRef.current,
    estimateSize: rowHeight,
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
            <SortHeading column="name" of={order}>
              {t.devices.name}
            </SortHeading>
            <SortHeading column="class" of={order} className="device-class">
              {t.devices.class}
            </SortHeading>
            <SortHeading column="contact" of={order} className="device-contact">
              {t.devices.lastContact}
            </SortHeading>
          </tr>
        </thead>
        <tbody>
          {above > 0 && <tr style={{ height: above }} />}
          {rows.map(({ key, index }) => {
            const device = devices[index];
            return (
              device !== undefined && (
                <DeviceRow
                  key={key}
                  device={device}
                  index={index}
                  selected={device.key === selected}
                  select={select}
                />
              )
            );
          })}
          {below > 0 && <tr style={{ height: below }} />}
        </tbody>
      </table>
    </div>
  );
}

function rowHeight(): number {
  return ROW_HEIGHT_REM * Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
}

/** Drawn again only when its own device changes: scrolling draws what comes into sight, and nothing else. */
const DeviceRow = memo(function DeviceRow({
  device,
  index,
  selected,
  select,
}: {
  readonly device: DeviceView;
  readonly index: number;
  readonly selected: boolean;
  readonly select: { readonly current: Props["onSelect"] };
}) {
  const { language, local } = useSpeech();
  const site = useSite();
  const place = placeText(site, device.path, language);
  return (
    <tr data-index={index} data-selected={selected} aria-rowindex={index + 2}>
      <td className="device-health">
        <HealthWord health={device.health} />
      </td>
      <th scope="row" className="device-name">
        <button type="button" onClick={() => select.current(device.key)}>
          {local(device.title)}
        </button>
        <span className="device-place" title={place}>
          {place}
        </span>
      </th>
      <td className="device-class">{capitalised(local(DEVICE_CLASSES[device.class]))}</td>
      <td className="device-contact value">
        <Contact device={device} />
      </td>
    </tr>
  );
});

function Contact({ device }: { readonly device: DeviceView }) {
  const { t } = useSpeech();
  const now = useNow();
  const contact = lastHeard(device);
  return contact === undefined ? "—" : agoText(contact, now, t);
}
