import { DEVICE_CLASSES } from "@campus-ops/device-profiles/vocabulary";
import { useState } from "react";
import { Link } from "wouter";
import type { UnconfirmedDevice } from "../../api/api.ts";
import { Dialog } from "../controls/dialog.tsx";
import { DialogFooter } from "../controls/dialog-footer.tsx";
import { TableFrame } from "../controls/table-frame.tsx";
import { HealthWord } from "../devices/health.tsx";
import { placeText } from "../format/place.ts";
import { agoText } from "../format/time.ts";
import { capitalised, metricTitle, metricValueText } from "../format/value.ts";
import { useNow } from "../live/clock.ts";
import { useSite } from "../live/live.tsx";
import { useMay } from "../live/me.ts";
import { useSpeech, useWords } from "../text/language.tsx";
import { devicePath, useWish } from "./use-commissioning.ts";
import { WishState } from "./wish-state.tsx";
import { COMMISSIONING_WORDS } from "./words.ts";

/** Devices that alarm nobody yet: what they read now, and the person's word that it is so. */
export function Waiting({ devices }: { readonly devices: readonly UnconfirmedDevice[] }) {
  const words = useWords(COMMISSIONING_WORDS);
  return (
    <section aria-label={words.steps.confirm}>
      <h2>{words.steps.confirm}</h2>
      {devices.length === 0 ? (
        <p className="quiet-note">{words.noneWaiting}</p>
      ) : (
        devices.map((device) => <Unconfirmed key={device.key} device={device} />)
      )}
    </section>
  );
}

function Unconfirmed({ device }: { readonly device: UnconfirmedDevice }) {
  const { t, language, local } = useSpeech();
  const words = useWords(COMMISSIONING_WORDS);
  const site = useSite();
  const may = useMay();
  const now = useNow();
  const wish = useWish();
  const [asking, setAsking] = useState<"confirm" | "withdraw">();
  const place = placeText(site, device.path, language);
  const title = local(device.title);
  const send = (): void => {
    setAsking(undefined);
    const path = devicePath(device.key);
    if (asking === "confirm") wish.send({ method: "POST", path: `${path}/confirmation` });
    else wish.send({ method: "DELETE", path });
  };
  return (
    <article className="unconfirmed" data-state={device.state}>
      <h3>{title}</h3>
      <p>
        {capitalised(local(DEVICE_CLASSES[device.class]))} · {place} · {device.profile}
      </p>
      <p>
        <HealthWord health={device.health} /> <strong>{words.state[device.state]}</strong>
      </p>
      <p className="quiet-note">{words.stateHint[device.state]}</p>
      {device.readings.length === 0 ? (
        <p className="quiet-note">{words.noReadings}</p>
      ) : (
        <TableFrame label={title}>
          <table className="table">
            <tbody>
              {device.readings.map(({ at, metric, value, wrong }) => (
                <tr key={metric} data-wrong={wrong}>
                  <th scope="row">{metricTitle(metric, language)}</th>
                  <td className="value">{metricValueText(metric, value, language)}</td>
                  <td>{wrong ? <strong>{words.wrong}</strong> : agoText(at, now, t)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </TableFrame>
      )}
      <WishState wish={wish} />
      {may("devices.configure") && (
        <p className="record-buttons">
          <button
            type="button"
            className="button"
            data-primary
            disabled={wish.isPending || device.state !== "waiting"}
            onClick={() => setAsking("confirm")}
          >
            {words.confirm}
          </button>
          <button
            type="button"
            className="button"
            disabled={wish.isPending}
            onClick={() => setAsking("withdraw")}
          >
            {words.withdraw}
          </button>
          <Link className="button" href={`/plans?place=${encodeURIComponent(device.key)}`}>
            {words.onPlan}
          </Link>
        </p>
      )}
      {asking !== undefined && (
        <Dialog title={words[asking]} onClose={() => setAsking(undefined)}>
          <p>{asking === "confirm" ? words.confirmAsk(title, place) : words.withdrawAsk(title)}</p>
          <DialogFooter action={words[asking]} onDo={send} onCancel={() => setAsking(undefined)} />
        </Dialog>
      )}
    </article>
  );
}
