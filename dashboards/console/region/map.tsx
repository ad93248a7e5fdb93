import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useMemo, useState } from "react";
import type { RegionMapView, RollupView } from "../../api/api.ts";
import { Failure } from "../controls/failure.tsx";
import { FileField } from "../controls/file-field.tsx";
import { deleteJson, getJson, putJson } from "../live/http.ts";
import { useMay } from "../live/me.ts";
import { useSpeech, useWords } from "../text/language.tsx";
import { MAP_WORDS } from "./map-words.ts";
import { outline, projectionOf } from "./projection.ts";
import { activeAlarms, worstPriority } from "./tree.ts";
import "./map.css";

const KEY = ["region-map"] as const;
const PATH = "/api/v1/region-map";
const WIDTH = 800;
const MARGIN = 24;
const FILE_BYTES_MAX = 4 * 1024 * 1024;

/** The customer's own map, where there is one; the tiles stand below it in any case. */
export function RegionMap({
  root,
  onOpen,
}: {
  readonly root: RollupView;
  readonly onOpen: (view: RollupView) => void;
}) {
  const words = useWords(MAP_WORDS);
  const may = useMay();
  const { data } = useQuery({
    queryKey: KEY,
    queryFn: ({ signal }) => getJson<{ readonly map?: RegionMapView }>(PATH, signal),
    staleTime: 60_000,
  });
  return (
    <>
      {data?.map !== undefined && <Drawn map={data.map} root={root} onOpen={onOpen} />}
      {may("settings.write") && (
        <details className="no-print">
          <summary>{words.bring}</summary>
          <Bring isThere={data?.map !== undefined} />
        </details>
      )}
    </>
  );
}

function Drawn({
  map,
  root,
  onOpen,
}: {
  readonly map: RegionMapView;
  readonly root: RollupView;
  readonly onOpen: (view: RollupView) => void;
}) {
  const { t, local } = useSpeech();
  const words = useWords(MAP_WORDS);
  const projection = useMemo(() => projectionOf(map, WIDTH, MARGIN), [map]);
  const areas = useMemo(
    () => map.areas.map(({ code, polygons }) => ({ code, path: outline(polygons, projection) })),
    [map, projection],
  );
  const views = new Map(
    [root, ...root.children, ...root.children.flatMap(({ children }) => children)].map((view) => [
      view.path.split("/").at(-1) ?? "",
      view,
    ]),
  );
  const wordsOf = (view: RollupView): string =>
    `${local(view.title)} · ${t.region.activeAlarms} ${activeAlarms(view.counts)}`;
  return (
    <figure className="region-map">
      {/* Each county and campus is a button among the tiles as well: the drawing is for the eye and the pointer. */}
      <svg viewBox={`0 0 ${projection.width} ${projection.height}`} role="img" aria-label={words.map}>
        {areas.map(({ code, path }) => {
          const view = views.get(code);
          return (
            // biome-ignore lint/a11y/noStaticElementInteractions: the tile below is the button for keyboards
            <path
              key={code}
              d={path}
              fillRule="evenodd"
              className="map-area"
              data-priority={view && worstPriority(view.counts)}
              onClick={() => view !== undefined && onOpen(view)}
            >
              {view !== undefined && <title>{wordsOf(view)}</title>}
            </path>
          );
        })}
        {map.points.map(({ at, campus }) => {
          const view = views.get(campus);
          const [x, y] = projection.of(at);
          return (
            // biome-ignore lint/a11y/noStaticElementInteractions: the tile below is the button for keyboards
            <g
              key={campus}
              className="map-point"
              data-priority={view && worstPriority(view.counts)}
              onClick={() => view !== undefined && onOpen(view)}
            >
              <circle cx={x} cy={y} r={7} />
              {view !== undefined && (
                <text x={x + 11} y={y + 5}>
                  {local(view.title)}
                </text>
              )}
              {view !== undefined && <title>{wordsOf(view)}</title>}
            </g>
          );
        })}
      </svg>
      <figcaption>{words.review(map.reviewNumber)}</figcaption>
    </figure>
  );
}

function Bring({ isThere }: { readonly isThere: boolean }) {
  const words = useWords(MAP_WORDS);
  const client = useQueryClient();
  const [file, setFile] = useState<File>();
  const [reviewNumber, setNumber] = useState("");
  const [problem, setProblem] = useState("");
  const known = (map?: RegionMapView): void => {
    client.setQueryData(KEY, map === undefined ? {} : { map });
  };
  const put = useMutation({
    mutationFn: (geojson: unknown) =>
      putJson<{ readonly map: RegionMapView }>(PATH, { reviewNumber: reviewNumber.trim(), geojson }),
    onSuccess: ({ map }) => known(map),
  });
  const remove = useMutation({ mutationFn: () => deleteJson(PATH), onSuccess: () => known() });
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (file === undefined) return;
    setProblem(file.size > FILE_BYTES_MAX ? words.tooLarge : "");
    if (file.size > FILE_BYTES_MAX) return;
    try {
      put.mutate(JSON.parse(await file.text()) as unknown);
    } catch {
      setProblem(words.noJson);
    }
  };
  return (
    <form className="map-form" onSubmit={(event) => void submit(event)}>
      <p className="quiet-note">{words.lead}</p>
      <FileField label={words.file} accept=".json,.geojson" required onChange={setFile} />
      <label className="field">
        <span>{words.number}</span>
        <input
          required
          maxLength={40}
          placeholder="GS(2024)0650号"
          value={reviewNumber}
          onChange={({ target }) => setNumber(target.value)}
        />
      </label>
      {problem !== "" && <p className="stale-note">{problem}</p>}
      {put.error !== null && <Failure error={put.error} />}
      {remove.error !== null && <Failure error={remove.error} />}
      <p className="record-buttons">
        <button type="submit" className="button" data-primary disabled={put.isPending}>
          {words.take}
        </button>
        {isThere && (
          <button
            type="button"
            className="button"
            disabled={remove.isPending}
            onClick={() => remove.mutate()}
          >
            {words.remove}
          </button>
        )}
      </p>
    </form>
  );
}
