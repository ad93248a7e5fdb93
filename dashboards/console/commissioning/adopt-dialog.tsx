import { type FormEvent, useId, useState } from "react";
import type { CommissioningBox, ProfileMatchView } from "../../api/api.ts";
import { Dialog } from "../controls/dialog.tsx";
import { DialogFooter } from "../controls/dialog-footer.tsx";
import { percentText } from "../format/number.ts";
import { campusOf, placeText } from "../format/place.ts";
import { useSite } from "../live/live.tsx";
import { useSpeech, useWords } from "../text/language.tsx";
import { boxPath, CONFIDENCE_MIN, useProfiles, useWish } from "./use-commissioning.ts";
import { WishState } from "./wish-state.tsx";
import { COMMISSIONING_WORDS } from "./words.ts";

/** What a device is, what it is called and where it hangs. */
export function AdoptDialog({
  box,
  url,
  matches,
  protocol,
  proposed,
  onClose,
}: {
  readonly box: CommissioningBox;
  readonly url: string;
  readonly matches: readonly ProfileMatchView[];
  readonly protocol: string;
  readonly proposed: string;
  readonly onClose: () => void;
}) {
  const { language, local } = useSpeech();
  const words = useWords(COMMISSIONING_WORDS);
  const site = useSite();
  const placesId = useId();
  const profiles = useProfiles();
  const wish = useWish(onClose);
  const sure = matches.find(({ confidence }) => confidence >= CONFIDENCE_MIN)?.profile ?? "";
  const [profile, setProfile] = useState(sure);
  const [zh, setZh] = useState(proposed);
  const [en, setEn] = useState(proposed);
  const [at, setAt] = useState("");
  const [login, setLogin] = useState("");
  const matching = new Set(matches.map((each) => each.profile));
  const others = (profiles.data ?? []).filter((each) => each.protocol === protocol && !matching.has(each.id));
  const titleOf = (id: string): string => {
    const known = profiles.data?.find((each) => each.id === id);
    return known === undefined ? id : `${local(known.title)} · ${id}`;
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    wish.send({
      method: "POST",
      path: `${boxPath(box.key)}/devices`,
      body: {
        url,
        profile,
        at: at.trim(),
        title: { zh: zh.trim(), en: en.trim() === "" ? zh.trim() : en.trim() },
        ...(login !== "" && { login }),
      },
    });
  };
  return (
    <Dialog title={words.adoptTitle} onClose={onClose}>
      <form className="dialog-form" onSubmit={submit}>
        <p className="quiet-note">{url}</p>
        <label className="field">
          <span>{words.model}</span>
          <select required value={profile} onChange={({ target }) => setProfile(target.value)}>
            <option value="">{words.chooseModel}</option>
            {matches.map((each) => (
              <option key={each.profile} value={each.profile}>
                {titleOf(each.profile)}（{words.confidence(percentText(each.confidence))}）
              </option>
            ))}
            {others.length > 0 && (
              <optgroup label={words.otherModels}>
                {others.map(({ id }) => (
                  <option key={id} value={id}>
                    {titleOf(id)}
                  </option>
                ))}
              </optgroup>
            )}
          </select>
        </label>
        <label className="field">
          <span>{words.name}</span>
          <input required maxLength={200} value={zh} onChange={({ target }) => setZh(target.value)} />
        </label>
        <label className="field">
          <span>{words.nameEnglish}</span>
          <input maxLength={200} value={en} onChange={({ target }) => setEn(target.value)} />
        </label>
        <label className="field">
          <span>{words.place}</span>
          <input
            required
            maxLength={200}
            list={placesId}
            placeholder={words.placeHint}
            value={at}
            onChange={({ target }) => setAt(target.value)}
          />
        </label>
        <datalist id={placesId}>
          {Object.keys(campusOf(site, box.campus)?.places ?? {}).map((place) => (
            <option key={place} value={place}>
              {placeText(site, `${box.path}/${place}`, language)}
            </option>
          ))}
        </datalist>
        {(box.offers?.logins ?? []).length > 0 && (
          <label className="field">
            <span>{words.login}</span>
            <select value={login} onChange={({ target }) => setLogin(target.value)}>
              <option value="">{words.noLogin}</option>
              {box.offers?.logins.map((name) => (
                <option key={name} value={name}>
                  {name}
                </option>
              ))}
            </select>
          </label>
        )}
        <WishState wish={wish} />
        <DialogFooter action={words.save} disabled={wish.isPending} onCancel={onClose} />
      </form>
    </Dialog>
  );
}
