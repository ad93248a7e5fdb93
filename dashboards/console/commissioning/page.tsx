import type { CommissioningBox } from "../../api/api.ts";
import { useAddress } from "../controls/address.ts";
import { Failure } from "../controls/failure.tsx";
import { Select } from "../controls/select.tsx";
import { campusTitle } from "../format/place.ts";
import { useSite } from "../live/live.tsx";
import { useSpeech, useWords } from "../text/language.tsx";
import { SearchPanel } from "./search-panel.tsx";
import { useCommissioning } from "./use-commissioning.ts";
import { Waiting } from "./waiting.tsx";
import { COMMISSIONING_WORDS } from "./words.ts";
import "../desk/desk.css";
import "./commissioning.css";

/** From a box in a network cabinet to devices that alarm: search, take in, look, confirm. */
export default function CommissioningPage() {
  const { t, language, local } = useSpeech();
  const words = useWords(COMMISSIONING_WORDS);
  const site = useSite();
  const { params, change } = useAddress();
  const all = useCommissioning();
  const boxes = (all.data?.boxes ?? []).toSorted(
    (a, b) => Number(b.offers !== undefined) - Number(a.offers !== undefined) || (a.key < b.key ? -1 : 1),
  );
  const box = boxes.find(({ key }) => key === params.get("box")) ?? boxes[0];
  return (
    <div className="sheet commissioning">
      <header className="sheet-header">
        <h1>{words.title}</h1>
        {box !== undefined && (
          <Select
            label={words.box}
            value={box.key}
            options={boxes.map(({ campus, key, title }) => ({
              value: key,
              title: `${campusTitle(site, campus, language)} · ${local(title)}`,
            }))}
            onChange={(key) => change({ box: key })}
          />
        )}
      </header>
      <p className="quiet-note">{words.lead}</p>
      {all.error !== null && <Failure error={all.error} onRetry={() => void all.refetch()} />}
      {all.isPending && <p className="quiet-note">{t.loading}</p>}
      {all.isSuccess && box === undefined && <p className="empty">{words.noBoxes}</p>}
      {box !== undefined && <Box key={box.key} box={box} />}
      {all.data !== undefined && (
        <Waiting
          devices={all.data.devices.filter(({ key }) => box === undefined || key.startsWith(`${box.key}/`))}
        />
      )}
    </div>
  );
}

function Box({ box }: { readonly box: CommissioningBox }) {
  const words = useWords(COMMISSIONING_WORDS);
  if (box.offers === undefined)
    return (
      <section className="box-closed">
        <p>{words.notOffered}</p>
        <pre>{words.notOfferedLines}</pre>
      </section>
    );
  return (
    <>
      {!box.online && <p className="stale-note">{words.offline}</p>}
      <SearchPanel box={box} offers={box.offers} />
    </>
  );
}
