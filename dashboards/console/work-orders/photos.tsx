import { useId, useState } from "react";
import type { WorkOrderDetail } from "../../api/api.ts";
import { Failure } from "../controls/failure.tsx";
import { dayAndMinuteText } from "../format/time.ts";
import { useSpeech, useWords } from "../text/language.tsx";
import { shrunkPicture } from "./shrink.ts";
import { takesPhotos } from "./steps.ts";
import { photoPath, usePhoto } from "./use-orders.ts";
import { ORDER_WORDS } from "./words.ts";

/** Pictures of the fault and of the repair, each with when it was taken up. */
export function OrderPhotos({ order }: { readonly order: WorkOrderDetail }) {
  const { locale } = useSpeech();
  const words = useWords(ORDER_WORDS);
  const upload = usePhoto(order.number);
  const [unreadable, setUnreadable] = useState(false);
  const id = useId();
  const send = async (file: File | undefined): Promise<void> => {
    if (file === undefined) return;
    const picture = await shrunkPicture(file);
    setUnreadable(picture === undefined);
    if (picture !== undefined) upload.mutate(picture);
  };
  return (
    <section>
      <h3>{words.photos}</h3>
      {order.pictures.length === 0 && <p className="quiet-note">{words.noPhotos}</p>}
      <ul className="order-photos">
        {order.pictures.map((picture) => {
          const at = dayAndMinuteText(picture.at, locale);
          return (
            <li key={picture.id}>
              <a href={photoPath(order.number, picture.id)} target="_blank" rel="noreferrer">
                <img
                  src={photoPath(order.number, picture.id)}
                  alt={words.photoAlt(words.state[picture.state], at)}
                  loading="lazy"
                />
              </a>
              <span className="cell-note">
                {words.state[picture.state]} · {at} · {picture.by}
              </span>
            </li>
          );
        })}
      </ul>
      {unreadable && <p className="stale-note">{words.photoUnreadable}</p>}
      {upload.error !== null && <Failure error={upload.error} title={words.photoFailed} />}
      {takesPhotos(order.state) && (
        <div className="no-print">
          <label className="button" htmlFor={id}>
            {words.addPhoto}
          </label>
          <input
            id={id}
            className="visually-hidden"
            type="file"
            accept="image/*"
            disabled={upload.isPending}
            aria-describedby={`${id}-hint`}
            onChange={({ target }) => {
              void send(target.files?.[0]);
              target.value = "";
            }}
          />
          <p className="footnote" id={`${id}-hint`}>
            {words.photoHint}
          </p>
        </div>
      )}
    </section>
  );
}
