import { DEVICE_CLASSES, type DeviceClass } from "@campus-ops/device-profiles/vocabulary";
import type { DeviceView } from "@campus-ops/ingest/api";
import { useDeferredValue, useMemo } from "react";
import { useAddress } from "../controls/address.ts";
import { Failure } from "../controls/failure.tsx";
import { Segmented } from "../controls/segmented.tsx";
import { Select } from "../controls/select.tsx";
import { useShortcuts } from "../controls/shortcuts.ts";
import { useSorting } from "../controls/sort-heading.tsx";
import { campusScope, placeText } from "../format/place.ts";
import { capitalised } from "../format/value.ts";
import { useInventory, useSite } from "../live/live.tsx";
import { Icon } from "../shell/icons.tsx";
import { useSpeech, useWords } from "../text/language.tsx";
import { DeviceDetail } from "./detail.tsx";
import {
  comparable,
  type DeviceColumn,
  deviceFilterFromAddress,
  filterDevices,
  inService,
  sortDevices,
} from "./filter.ts";
import { HEALTHS } from "./health.tsx";
import { NodeDetail, NodeList } from "./nodes.tsx";
import { DeviceTable } from "./table.tsx";
import "./devices.css";

const WORDS = { zh: { export: "导出表格" }, en: { export: "Export table" } };

/** Every device and every edge box, how it is, and what it last said. */
export default function DevicesPage() {
  const { t, language, local } = useSpeech();
  const words = useWords(WORDS);
  const { inventory, query } = useInventory();
  const site = useSite();
  const { params, change } = useAddress();
  const filter = useMemo(() => deviceFilterFromAddress(params), [params]);
  const view = params.get("view") === "nodes" ? "nodes" : "devices";
  const inWords = useMemo(() => {
    // A device that did not change is the same object: its words are put together once, not at every letter typed.
    const known = new WeakMap<DeviceView, string>();
    return (device: DeviceView): string => {
      const words = known.get(device) ?? wordsOf(device);
      known.set(device, words);
      return words;
    };
    function wordsOf(device: DeviceView): string {
      const place = placeText(site, device.path, language);
      return `${local(device.title)} ${device.key} ${place} ${device.profile}`.toLowerCase();
    }
  }, [local, site, language]);
  // Typing and the stream go first: the table follows when there is time.
  const wanted = useDeferredValue(filter);
  const all = useDeferredValue(inventory.devices);
  const behind = wanted !== filter || all !== inventory.devices;
  const order = useSorting<DeviceColumn>();
  const { sorting } = order;
  const nameOf = useMemo(() => {
    const known = new WeakMap<DeviceView, string>();
    return (device: DeviceView): string => {
      const name = known.get(device) ?? comparable(local(device.title));
      known.set(device, name);
      return name;
    };
  }, [local]);
  const devices = useMemo(
    () => sortDevices(filterDevices(all.values(), wanted, inWords), sorting, nameOf),
    [all, wanted, inWords, sorting, nameOf],
  );
  const nodes = [...inventory.nodes.values()]
    .filter(({ campus }) => filter.campus === "" || campus === filter.campus)
    .toSorted((a, b) => Number(a.online) - Number(b.online) || (a.key < b.key ? -1 : 1));

  const selected = params.get("device") ?? "";
  const select = (device: string): void => change({ device });
  useShortcuts({ Escape: () => select("") });
  const isNode = inventory.nodes.has(selected);

  return (
    <div className="devices" data-selected={selected !== ""}>
      <h1 className="visually-hidden">{t.devices.title}</h1>
      <search className="toolbar" aria-label={t.alarms.filters}>
        <Segmented
          label={t.devices.view}
          options={[
            { value: "devices", title: t.devices.showDevices },
            { value: "nodes", title: t.devices.showNodes },
          ]}
          value={view}
          onChange={(next) => change({ view: next === "nodes" ? next : "", device: "" })}
        />
        <Select
          label={t.alarms.campus}
          value={filter.campus}
          options={[
            { value: "", title: t.alarms.allCampuses },
            ...(site?.counties ?? []).flatMap(({ campuses }) =>
              campuses.map((campus) => ({ value: campus.id as string, title: local(campus.title) })),
            ),
          ]}
          onChange={(campus) => change({ campus })}
        />
        {view === "devices" && (
          <>
            <Select<DeviceClass | "">
              label={t.devices.class}
              value={filter.class}
              options={[
                { value: "", title: t.devices.allClasses },
                ...(Object.keys(DEVICE_CLASSES) as DeviceClass[])
                  .filter((each) => each !== "edge-box")
                  .map((value) => ({ value, title: capitalised(local(DEVICE_CLASSES[value])) })),
              ]}
              onChange={(value) => change({ class: value })}
            />
            <Select
              label={t.devices.health}
              value={filter.health}
              options={[
                { value: "", title: t.devices.allHealths },
                ...[...HEALTHS, "retired" as const].map((value) => ({ value, title: t.health[value] })),
              ]}
              onChange={(health) => change({ health })}
            />
            <label className="field search">
              <span className="visually-hidden">{t.search}</span>
              <Icon name="search" />
              <input
                type="search"
                placeholder={t.devices.searchPlaceholder}
                value={filter.search}
                onChange={(event) => change({ q: event.target.value })}
              />
            </label>
            {/* Until the table has followed for the first time, its number is nobody's. */}
            <span className="count" role="status">
              {(!behind || all.size > 0) &&
                t.devices.count(devices.length, inService(inventory.devices.values()).length)}
            </span>
            <a
              className="button"
              href={`/api/v1/devices.xlsx?scope=${encodeURIComponent(campusScope(site, filter.campus))}`}
              download
            >
              {words.export}
            </a>
          </>
        )}
      </search>
      <div className="devices-list">
        {query.error !== null && <Failure error={query.error} onRetry={() => void query.refetch()} />}
        {query.isPending && <p className="quiet-note">{t.loading}</p>}
        {query.isSuccess && !behind && view === "devices" && devices.length === 0 && (
          <p className="empty">{inventory.devices.size === 0 ? t.devices.empty : t.devices.emptyFiltered}</p>
        )}
        {view === "devices" ? (
          <DeviceTable devices={devices} order={order} selected={selected} onSelect={select} />
        ) : (
          <NodeList nodes={nodes} selected={selected} onSelect={select} />
        )}
      </div>
      {selected === "" ? (
        <aside className="detail detail-empty">
          <p>{t.devices.choose}</p>
        </aside>
      ) : (
        <section className="detail" aria-label={t.devices.detail}>
          <button type="button" className="back-button" onClick={() => select("")}>
            <Icon name="back" />
            {t.back}
          </button>
          {isNode ? <NodeDetail nodeKey={selected} /> : <DeviceDetail key={selected} deviceKey={selected} />}
        </section>
      )}
    </div>
  );
}
