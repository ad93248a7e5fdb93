import type { NodeView } from "@campus-ops/ingest/api";
import { type FormEvent, useState } from "react";
import type { BundleView, UpdatesView } from "../../api/api.ts";
import { Failure } from "../controls/failure.tsx";
import { Select } from "../controls/select.tsx";
import { campusTitle } from "../format/place.ts";
import { sendJson } from "../live/http.ts";
import { useSite } from "../live/live.tsx";
import { useAttempt } from "../settings/attempt.ts";
import { useSpeech, useWords } from "../text/language.tsx";
import { edgeValue, takesBundles, versionOf } from "./boxes.ts";
import { UPDATE_WORDS } from "./update-words.ts";

/** Which bundle, for which boxes, which one first, and whether it waits until school is out. */
export function NewRollOut({
  bundles,
  pins,
  nodes,
  onBegun,
}: {
  readonly bundles: readonly BundleView[];
  readonly pins: UpdatesView["pins"];
  readonly nodes: readonly NodeView[];
  readonly onBegun: () => void;
}) {
  const { language, local } = useSpeech();
  const words = useWords(UPDATE_WORDS);
  const site = useSite();
  const [sha256, setBundle] = useState("");
  const [campus, setCampus] = useState("");
  const [first, setFirst] = useState("");
  const [urgent, setUrgent] = useState(false);
  const { attempt, busy, failure } = useAttempt();
  const bundle = bundles.find((each) => each.sha256 === sha256) ?? bundles[0];
  const suitable = nodes.filter(
    (node) =>
      takesBundles(node) &&
      edgeValue(node, "Update/Compatible") === bundle?.compatible &&
      versionOf(node) !== bundle?.version &&
      !pins.some(({ box }) => box === node.key),
  );
  const campuses = [...new Set(suitable.map((node) => node.campus))];
  const chosen = suitable.filter((node) => campus === "" || node.campus === campus);
  const ahead = chosen.filter(({ key }) => key === first);
  const begin = (event: FormEvent): void => {
    event.preventDefault();
    void attempt(async () => {
      const boxes = [...ahead, ...chosen.filter(({ key }) => key !== first)].map(({ key }) => key);
      await sendJson("POST", "/api/v1/updates/roll-outs", { bundle: bundle?.sha256, boxes, urgent });
      onBegun();
    });
  };
  return (
    <section>
      <h2>{words.begin}</h2>
      <form className="settings-card" onSubmit={begin}>
        <Select
          inForm
          label={words.bundle}
          value={bundle?.sha256 ?? ""}
          options={bundles.map(({ compatible, sha256: value, version }) => ({
            value,
            title: `${version} · ${compatible}`,
          }))}
          onChange={setBundle}
        />
        <Select
          inForm
          label={words.target}
          value={campus}
          options={[
            { value: "", title: words.allBoxes(suitable.length) },
            ...campuses.map((value) => ({ value, title: campusTitle(site, value, language) })),
          ]}
          onChange={setCampus}
        />
        <Select
          inForm
          label={words.first}
          value={ahead.length === 0 ? "" : first}
          options={[
            { value: "", title: words.anyFirst },
            ...chosen.map((node) => ({
              value: node.key,
              title: `${local(node.title)} · ${campusTitle(site, node.campus, language)}`,
            })),
          ]}
          onChange={setFirst}
        />
        <label>
          <input type="checkbox" checked={urgent} onChange={(event) => setUrgent(event.target.checked)} />{" "}
          {words.urgent}
        </label>
        <p>{words.urgentNote}</p>
        {chosen.length === 0 && <p role="status">{words.nothingToDo}</p>}
        <div className="row-actions">
          <button type="submit" className="button" data-primary="true" disabled={busy || chosen.length === 0}>
            {words.begin}
          </button>
        </div>
        {failure !== undefined && <Failure title={words.failed} error={failure} />}
      </form>
    </section>
  );
}
