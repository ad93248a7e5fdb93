import type { LocalText } from "@campus-ops/device-profiles/vocabulary";
import { useMutation } from "@tanstack/react-query";
import { useEffect, useId, useState } from "react";
import { Failure } from "../controls/failure.tsx";
import { clockText } from "../format/time.ts";
import { wallClock } from "../live/clock.ts";
import { lookAt } from "../live/http.ts";
import { useMay } from "../live/me.ts";
import { useSpeech, useWords } from "../text/language.tsx";
import { LOOK_WORDS } from "./look-words.ts";
import "./pictures.css";

/** A camera's picture of now, and of now again, for who says why. */
export function LookNow({ camera, title }: { readonly camera: string; readonly title: LocalText }) {
  const { local } = useSpeech();
  const words = useWords(LOOK_WORDS);
  const may = useMay();
  const heading = useId();
  const [reason, setReason] = useState(words.usual);
  const [picture, setPicture] = useState<{ readonly url: string; readonly at: string }>();
  useEffect(() => (picture === undefined ? undefined : () => URL.revokeObjectURL(picture.url)), [picture]);
  const look = useMutation({
    mutationFn: () => {
      const path = camera.split("/").map(encodeURIComponent).join("/");
      return lookAt(`/api/v1/devices/${path}/look`, reason.trim());
    },
    onSuccess: (blob) => setPicture({ url: URL.createObjectURL(blob), at: clockText(wallClock()) }),
  });
  if (!may("evidence.read")) return null;
  return (
    <section className="look-now" aria-labelledby={heading}>
      <h3 id={heading}>
        {words.title} · {local(title)}
      </h3>
      {picture !== undefined && (
        <figure>
          <img src={picture.url} alt={words.alt(local(title), picture.at)} />
          <figcaption>{words.at(picture.at)}</figcaption>
        </figure>
      )}
      <div className="look-row">
        <label className="field">
          <span>{words.reason}</span>
          <input value={reason} maxLength={200} onChange={({ target }) => setReason(target.value)} />
        </label>
        <button
          type="button"
          className="button"
          disabled={look.isPending || reason.trim() === ""}
          onClick={() => look.mutate()}
        >
          {look.isPending ? words.looking : picture === undefined ? words.look : words.again}
        </button>
      </div>
      <p className="quiet-note">{words.hint}</p>
      {look.error !== null && <Failure title={words.failed} error={look.error} />}
    </section>
  );
}
