import { useMemo } from "react";
import { useAddress } from "../controls/address.ts";
import { Failure } from "../controls/failure.tsx";
import { Select } from "../controls/select.tsx";
import { useShortcuts } from "../controls/shortcuts.ts";
import { inService } from "../devices/filter.ts";
import { innermostPlaceText, placeText } from "../format/place.ts";
import { useInventory, useSite } from "../live/live.tsx";
import { Icon } from "../shell/icons.tsx";
import { useSpeech, useWords } from "../text/language.tsx";
import { PlacePane } from "./place.tsx";
import { RoomPane } from "./room.tsx";
import { floorsOf, placesAbove, ROOM_CLASSES, type Room, roomsOf } from "./rooms.ts";
import { ROOM_WORDS } from "./words.ts";
import "../devices/devices.css";
import "./rooms.css";

/** Rooms with something to control: one by one, or a floor, a building or a campus together. */
export default function RoomsPage() {
  const { t, language } = useSpeech();
  const words = useWords(ROOM_WORDS);
  const { inventory, query } = useInventory();
  const site = useSite();
  const { params, change } = useAddress();
  const devices = useMemo(() => inService(inventory.devices.values()), [inventory.devices]);
  const all = useMemo(() => roomsOf(devices, ""), [devices]);
  const scope = params.get("scope") ?? "";
  const rooms = scope === "" ? all : roomsOf(devices, scope);
  const selected = params.get("room") ?? "";
  const room = all.find(({ path }) => path === selected);
  const showsPane = room !== undefined || scope !== "";
  const leave = (): void => change(room === undefined ? { scope: "" } : { room: "" });
  useShortcuts({ Escape: leave });
  return (
    <div className="devices rooms" data-selected={showsPane}>
      <search className="toolbar" aria-label={t.alarms.filters}>
        <h1 className="visually-hidden">{words.title}</h1>
        <Select
          label={words.place}
          value={scope}
          options={[
            { value: "", title: words.allPlaces },
            ...placesAbove(all).map((path) => ({ value: path, title: placeText(site, path, language) })),
          ]}
          onChange={(next) => change({ scope: next, room: "", run: "" })}
        />
        <span className="count" role="status">
          {words.rooms(rooms.length)}
        </span>
      </search>
      <div className="devices-list rooms-list">
        {query.error !== null && <Failure error={query.error} onRetry={() => void query.refetch()} />}
        {query.isPending && <p className="quiet-note">{t.loading}</p>}
        {query.isSuccess && all.length === 0 && (
          <p className="empty">
            <strong>{words.emptyTitle}</strong>
            <span>{words.emptyHint}</span>
          </p>
        )}
        {floorsOf(rooms).map((floor) => (
          <section key={floor.path} className="room-floor">
            <h2>{placeText(site, floor.path, language)}</h2>
            <ul className="room-tiles">
              {floor.rooms.map((each) => (
                <li key={each.path}>
                  <RoomTile
                    room={each}
                    selected={each.path === selected}
                    onSelect={() => change({ room: each.path, run: "" })}
                  />
                </li>
              ))}
            </ul>
          </section>
        ))}
      </div>
      {showsPane ? (
        <section className="detail" aria-label={words.title}>
          <button type="button" className="back-button" onClick={leave}>
            <Icon name="back" />
            {t.back}
          </button>
          {room === undefined ? (
            <PlacePane key={scope} path={scope} rooms={rooms} />
          ) : (
            <RoomPane key={room.path} room={room} />
          )}
        </section>
      ) : (
        <aside className="detail detail-empty">
          <p>{words.choose}</p>
        </aside>
      )}
    </div>
  );
}

function RoomTile({
  room,
  selected,
  onSelect,
}: {
  readonly room: Room;
  readonly selected: boolean;
  readonly onSelect: () => void;
}) {
  const { language } = useSpeech();
  const words = useWords(ROOM_WORDS);
  const site = useSite();
  const controlled = room.devices.filter((device) => ROOM_CLASSES.has(device.class));
  const trouble = room.devices.filter(({ health }) => health !== "working").length;
  return (
    <button type="button" className="room-tile" aria-pressed={selected} onClick={onSelect}>
      <strong>{innermostPlaceText(site, room.path, language)}</strong>
      <span className="quiet">
        {words.devices(controlled.length)}
        {trouble > 0 && <b> · {words.trouble(trouble)}</b>}
      </span>
    </button>
  );
}
