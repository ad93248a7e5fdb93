import type { AlarmPictureView } from "@campus-ops/rules/api";
import { useEffect, useId, useState } from "react";
import type { AlarmDetail } from "../../api/api.ts";
import { momentText, spanText } from "../format/time.ts";
import { useNow } from "../live/clock.ts";
import { lookAt } from "../live/http.ts";
import { useSpeech, useWords } from "../text/language.tsx";
import { LookNow } from "./look-now.tsx";
import { PICTURE_WORDS, type PictureWords } from "./picture-words.ts";
import "./pictures.css";

/** What the nearest camera saw, the newest raising first. Covered until somebody says why they look. */
export default function PictureStrip({ alarm }: { readonly alarm: AlarmDetail }) {
  const words = useWords(PICTURE_WORDS);
  const [reason, setReason] = useState(words.reasons[0] ?? "");
  const reasons = useId();
  const pictures = alarm.pictures.toSorted((a, b) => b.occurrence - a.occurrence || a.after_ms - b.after_ms);
  const camera = pictures.find((picture) => picture.camera !== undefined)?.camera;
  return (
    <section>
      <h3>{words.title}</h3>
      {pictures.some(({ state }) => state === "taken") && (
        <label className="field">
          <span>{words.reason}</span>
          <input
            type="text"
            list={reasons}
            maxLength={200}
            value={reason}
            onChange={(event) => setReason(event.target.value)}
          />
          <datalist id={reasons}>
            {words.reasons.map((each) => (
              <option key={each} value={each} />
            ))}
          </datalist>
        </label>
      )}
      {pictures.length > 0 && (
        <ul className="picture-strip">
          {pictures.map((picture) => (
            <li key={picture.id}>
              <PictureCard alarm={alarm} picture={picture} reason={reason.trim()} words={words} />
            </li>
          ))}
        </ul>
      )}
      {camera !== undefined && <LookNow key={camera.key} camera={camera.key} title={camera.title} />}
      <p>
        <a className="button" href={`/api/v1/alarms/${encodeURIComponent(alarm.id)}/bundle`} download>
          {words.bundle}
        </a>{" "}
        <span className="quiet">{words.bundleHint}</span>
      </p>
    </section>
  );
}

interface CardProps {
  readonly alarm: AlarmDetail;
  readonly picture: AlarmPictureView;
  readonly reason: string;
  readonly words: PictureWords;
}

function PictureCard({ alarm, picture, reason, words }: CardProps) {
  const { local, locale, t } = useSpeech();
  const now = useNow();
  const { camera, detail, kind, recorder, since, takenAt, why } = picture;
  const isClip = kind === "clip";
  const name = camera === undefined ? undefined : local(camera.title);
  const moment = takenAt === undefined ? undefined : momentText(takenAt, now, locale);
  const apart = takenAt === undefined ? 0 : takenAt - alarm.raisedAt;
  return (
    <figure className="picture-card">
      <div className="picture-frame">
        {picture.state === "taken" ? (
          <Covered
            alarm={alarm.id}
            picture={picture}
            reason={reason}
            words={words}
            alt={words.alt(name ?? "", moment ?? "")}
          />
        ) : picture.state === "none" ? (
          <strong>
            {isClip ? words.noneClip : words.none}：{words.noPicture[picture.reason ?? "failed"]}
          </strong>
        ) : (
          <span className="quiet-note">{isClip ? words.comingClip : words.coming}</span>
        )}
      </div>
      <figcaption>
        {name !== undefined && <strong>{name}</strong>}
        {why !== undefined && <span className="quiet"> · {words.why[why]}</span>}
        {alarm.occurrence > 1 && <span className="quiet"> · {words.occurrence(picture.occurrence)}</span>}
        {moment !== undefined && picture.occurrence === alarm.occurrence && (
          <div className="figure">
            {apart < 0
              ? words.takenBefore(moment, spanText(-apart, t))
              : words.taken(moment, spanText(apart, t))}
          </div>
        )}
        {recorder !== undefined && (
          <div className="quiet">{words.fromRecorder(recorder.split("/").at(-1) ?? recorder)}</div>
        )}
        {since !== undefined && <div className="figure">{words.since(momentText(since, now, locale))}</div>}
        {picture.state === "none" && detail !== undefined && <div className="quiet">{detail}</div>}
        {picture.sha256 !== undefined && (
          <div className="quiet" title={picture.sha256}>
            {words.hash} {picture.sha256.slice(0, 12)}…
          </div>
        )}
      </figcaption>
    </figure>
  );
}

interface CoveredProps {
  readonly alarm: string;
  readonly picture: AlarmPictureView;
  readonly reason: string;
  readonly words: PictureWords;
  readonly alt: string;
}

/** The picture is fetched when somebody looks, and kept no longer than this page shows it. */
function Covered({ alarm, alt, picture, reason, words }: CoveredProps) {
  const [state, setState] = useState<"covered" | "opening" | "failed">("covered");
  const [url, setUrl] = useState<string>();
  useEffect(() => (url === undefined ? undefined : () => URL.revokeObjectURL(url)), [url]);
  const look = async (): Promise<void> => {
    setState("opening");
    try {
      const path = `/api/v1/alarms/${encodeURIComponent(alarm)}/pictures/${encodeURIComponent(picture.id)}/look`;
      setUrl(URL.createObjectURL(await lookAt(path, reason)));
      setState("covered");
    } catch {
      setState("failed");
    }
  };
  const isClip = picture.kind === "clip";
  if (url !== undefined)
    return isClip ? (
      <Clip url={url} label={alt} name={`${picture.id}.mp4`} words={words} />
    ) : (
      <img src={url} alt={alt} />
    );
  const covered = isClip ? words.coveredClip : words.covered;
  return (
    <>
      <span className="quiet-note">{state === "failed" ? words.failed : covered}</span>
      <button
        type="button"
        className="button"
        disabled={state === "opening" || reason === ""}
        onClick={() => void look()}
      >
        {state === "opening" ? words.looking : isClip ? words.lookClip : words.look}
      </button>
    </>
  );
}

interface ClipProps {
  readonly url: string;
  readonly label: string;
  readonly name: string;
  readonly words: PictureWords;
}

/** It has no sound. What the browser cannot decode (HEVC, mostly) is for a player on the machine. */
function Clip({ label, name, url, words }: ClipProps) {
  const [isPlayable, setPlayable] = useState(true);
  const save = (
    <a className="button" href={url} download={name}>
      {words.saveClip}
    </a>
  );
  if (!isPlayable)
    return (
      <>
        <span className="quiet-note">{words.cannotPlay}</span>
        {save}
      </>
    );
  return (
    <>
      <video src={url} aria-label={label} controls autoPlay muted loop onError={() => setPlayable(false)} />
      {save}
    </>
  );
}
