import type { NodeView } from "@campus-ops/ingest/api";
import { useQuery } from "@tanstack/react-query";
import type { UpdatesView } from "../../api/api.ts";
import { Failure } from "../controls/failure.tsx";
import { TableFrame } from "../controls/table-frame.tsx";
import { OnlineWord } from "../devices/nodes.tsx";
import { campusTitle } from "../format/place.ts";
import { ApiProblem, getJson, sendJson } from "../live/http.ts";
import { useInventory, useSite } from "../live/live.tsx";
import { useMay } from "../live/me.ts";
import { useAttempt } from "../settings/attempt.ts";
import { useSpeech, useWords } from "../text/language.tsx";
import { isBox, takesBundles, versionOf } from "./boxes.ts";
import { Bundles } from "./bundles.tsx";
import { LastUpdate } from "./last-update.tsx";
import { NewRollOut } from "./new-roll-out.tsx";
import { RollOutCard } from "./roll-out.tsx";
import { UPDATE_WORDS } from "./update-words.ts";
import "../settings/settings.css";
import "./updates.css";

const LOOK_MS = 3_000;
export const UPDATES_KEY = ["updates"] as const;

/** What runs where, what is on its way, and whether a person has to say how it goes on. */
export default function UpdatesPage() {
  const { t } = useSpeech();
  const words = useWords(UPDATE_WORDS);
  const may = useMay()("boxes.update");
  const { inventory } = useInventory();
  const { data, error, isPending, refetch } = useQuery({
    queryKey: UPDATES_KEY,
    queryFn: ({ signal }) => getJson<UpdatesView>("/api/v1/updates", signal),
    refetchInterval: LOOK_MS,
    retry: false,
  });
  const isAway = error instanceof ApiProblem && error.status === 503;
  const nodes = [...inventory.nodes.values()].filter(isBox).toSorted((a, b) => (a.key < b.key ? -1 : 1));
  const changed = (): void => void refetch();
  return (
    <div className="settings">
      <header>
        <h1>{words.title}</h1>
        <p>{words.intro}</p>
      </header>
      {isAway && <p className="settings-note">{words.away}</p>}
      {error !== null && !isAway && <Failure error={error} onRetry={changed} />}
      {isPending && <p className="quiet-note">{t.loading}</p>}
      {data !== undefined && (
        <>
          <p>
            {data.schoolIsOut === undefined
              ? words.unknownHours
              : data.schoolIsOut
                ? words.outside
                : words.inside}
          </p>
          <section>
            <h2>{words.rollOuts}</h2>
            {data.rollOuts.length === 0 && <p>{words.noRollOuts}</p>}
            {data.rollOuts.map((rollOut) => (
              <RollOutCard
                key={rollOut.id}
                rollOut={rollOut}
                waves={data.waves}
                nodes={nodes}
                may={may}
                onChanged={changed}
              />
            ))}
          </section>
          {may && data.bundles.length > 0 && (
            <NewRollOut bundles={data.bundles} pins={data.pins} nodes={nodes} onBegun={changed} />
          )}
          <BoxList nodes={nodes} pins={data.pins} may={may} onChanged={changed} />
          <Bundles bundles={data.bundles} takesBundles={data.takesBundles} may={may} onChanged={changed} />
        </>
      )}
    </div>
  );
}

function BoxList({
  nodes,
  pins,
  may,
  onChanged,
}: {
  readonly nodes: readonly NodeView[];
  readonly pins: UpdatesView["pins"];
  readonly may: boolean;
  readonly onChanged: () => void;
}) {
  const { language, local } = useSpeech();
  const words = useWords(UPDATE_WORDS);
  const site = useSite();
  const { attempt, busy, failure } = useAttempt();
  const setPin = (node: NodeView, on: boolean): Promise<void> =>
    attempt(async () => {
      const address = `/api/v1/updates/pins/${encodeURIComponent(node.campus)}/${encodeURIComponent(node.node)}`;
      await (on ? sendJson("PUT", address, {}) : sendJson("DELETE", address));
      onChanged();
    });
  return (
    <section>
      <h2>{words.boxes}</h2>
      {failure !== undefined && <Failure title={words.failed} error={failure} />}
      {nodes.length === 0 && <p>{words.noBoxes}</p>}
      {nodes.length > 0 && (
        <TableFrame label={words.boxes}>
          <table className="table">
            <thead>
              <tr>
                <th scope="col">{words.box}</th>
                <th scope="col">{words.version}</th>
                <th scope="col">{words.update}</th>
                <th scope="col">{words.pin}</th>
              </tr>
            </thead>
            <tbody>
              {nodes.map((node) => {
                const pin = pins.find(({ box }) => box === node.key);
                const title = local(node.title);
                return (
                  <tr key={node.key}>
                    <th scope="row">
                      {title} <span className="quiet">{campusTitle(site, node.campus, language)}</span>{" "}
                      <OnlineWord online={node.online} />
                    </th>
                    <td>{versionOf(node)}</td>
                    <td>
                      <LastUpdate node={node} />
                    </td>
                    <td>
                      {pin !== undefined && <span>{words.pinned(pin.by, pin.why ?? "")} </span>}
                      {may && takesBundles(node) && (
                        <button
                          type="button"
                          className="button"
                          disabled={busy}
                          aria-label={pin === undefined ? words.pinOf(title) : words.unpinOf(title)}
                          onClick={() => void setPin(node, pin === undefined)}
                        >
                          {pin === undefined ? words.pin : words.unpin}
                        </button>
                      )}
                    </td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </TableFrame>
      )}
    </section>
  );
}
