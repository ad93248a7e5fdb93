import { type FormEvent, useState } from "react";
import type { CommissioningBox, FindingView } from "../../api/api.ts";
import { Failure } from "../controls/failure.tsx";
import { useMay } from "../live/me.ts";
import { useWords } from "../text/language.tsx";
import { AdoptDialog } from "./adopt-dialog.tsx";
import { Findings } from "./findings.tsx";
import { boxPath, useSearch, useWish } from "./use-commissioning.ts";
import { WishState } from "./wish-state.tsx";
import { COMMISSIONING_WORDS } from "./words.ts";

/** As the protocols' own specifications write them; one that is newer than this page goes by what the box calls it. */
const PROTOCOL_NAMES: Readonly<Record<string, string>> = {
  modbus: "Modbus",
  onvif: "ONVIF",
  snmp: "SNMP",
  pjlink: "PJLink",
  mdns: "mDNS",
};

/** Asks a box to search, shows how far it is, and what it found so far. */
export function SearchPanel({
  box,
  offers,
}: {
  readonly box: CommissioningBox;
  readonly offers: NonNullable<CommissioningBox["offers"]>;
}) {
  const words = useWords(COMMISSIONING_WORDS);
  const may = useMay();
  const [ranges, setRanges] = useState("");
  const [chosen, setChosen] = useState<readonly string[]>(offers.protocols);
  const [adopting, setAdopting] = useState<FindingView>();
  const wish = useWish();
  const query = useSearch(box.key);
  const search = query.data?.search;
  const running = search?.state === "running";
  const path = `${boxPath(box.key)}/search`;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const asked = ranges.trim();
    wish.send({
      method: "POST",
      path,
      body: { protocols: chosen, ...(asked !== "" && { ranges: asked }) },
    });
  };
  return (
    <section aria-label={words.steps.search}>
      <h2>{words.steps.search}</h2>
      {may("devices.configure") && (
        <form className="search-form" onSubmit={submit}>
          <label className="field">
            <span>{words.ranges}</span>
            <input
              maxLength={200}
              placeholder={words.rangesHint(offers.ranges)}
              value={ranges}
              onChange={({ target }) => setRanges(target.value)}
            />
          </label>
          <fieldset className="protocols">
            <legend>{words.protocols}</legend>
            {offers.protocols.map((protocol) => (
              <label key={protocol} className="check">
                <input
                  type="checkbox"
                  checked={chosen.includes(protocol)}
                  onChange={({ target }) =>
                    setChosen(
                      target.checked ? [...chosen, protocol] : chosen.filter((each) => each !== protocol),
                    )
                  }
                />
                {PROTOCOL_NAMES[protocol] ?? protocol}
              </label>
            ))}
          </fieldset>
          {running ? (
            <button
              type="button"
              className="button"
              disabled={wish.isPending}
              onClick={() => wish.send({ method: "DELETE", path })}
            >
              {words.end}
            </button>
          ) : (
            <button
              type="submit"
              className="button"
              data-primary
              disabled={wish.isPending || !box.online || chosen.length === 0}
            >
              {words.begin}
            </button>
          )}
        </form>
      )}
      {wish.command?.state !== "confirmed" && <WishState wish={wish} />}
      {query.error !== null && <Failure error={query.error} onRetry={() => void query.refetch()} />}
      {query.isSuccess && search === undefined && (
        <>
          <h2>{words.steps.adopt}</h2>
          <p className="quiet-note">{words.neverSearched}</p>
        </>
      )}
      {search !== undefined && (
        <>
          <p role="status">
            {words.searchState[search.state]} ·{" "}
            {words.searching(search.asked, search.of, search.findings.length)}
            {search.detail !== "" && ` · ${search.detail}`}
          </p>
          <progress
            aria-label={words.searchState.running}
            max={Math.max(1, search.of)}
            value={running ? search.asked : Math.max(1, search.of)}
          />
          <h2>{words.steps.adopt}</h2>
          {search.findings.length === 0 && !running && <p className="empty">{words.nothingFound}</p>}
          {search.findings.length > 0 && <Findings findings={search.findings} onAdopt={setAdopting} />}
        </>
      )}
      {adopting !== undefined && (
        <AdoptDialog
          box={box}
          url={adopting.url}
          matches={adopting.matches}
          protocol={adopting.protocol}
          proposed={nameOf(adopting)}
          onClose={() => setAdopting(undefined)}
        />
      )}
    </section>
  );
}

const nameOf = ({ facts: { model, name, vendor } }: FindingView): string =>
  String(name ?? [vendor, model].filter((each) => each !== undefined).join(" "));
