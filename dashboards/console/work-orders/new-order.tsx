import { type FormEvent, useState } from "react";
import type { HazardLevel, WorkOrderDetail } from "../../api/api.ts";
import { DateTimeField } from "../controls/date-time-field.tsx";
import { Dialog } from "../controls/dialog.tsx";
import { DialogFooter } from "../controls/dialog-footer.tsx";
import { Failure } from "../controls/failure.tsx";
import { Segmented } from "../controls/segmented.tsx";
import { placeText } from "../format/place.ts";
import { useSite } from "../live/live.tsx";
import { useSpeech, useWords } from "../text/language.tsx";
import { WORKING_DAY_END_MINUTES } from "./steps.ts";
import { useCreateOrder } from "./use-orders.ts";
import { ORDER_WORDS } from "./words.ts";

/** What the order is about; without an alarm and a device, the place is chosen here. */
interface About {
  readonly alarm?: string;
  readonly device?: string;
  /** What is found there already, as the first proposal of a title. */
  readonly title?: string;
}

export function NewOrderDialog({
  about,
  onClose,
  onCreated,
}: {
  readonly about: About;
  readonly onClose: () => void;
  readonly onCreated: (order: WorkOrderDetail) => void;
}) {
  const words = useWords(ORDER_WORDS);
  const create = useCreateOrder(onCreated);
  const [title, setTitle] = useState(about.title ?? "");
  const [detail, setDetail] = useState("");
  const [level, setLevel] = useState<HazardLevel>("general");
  const [assignee, setAssignee] = useState("");
  const [due, setDue] = useState<number>();
  const [place, setPlace] = useState("");
  const needsPlace = about.alarm === undefined && about.device === undefined;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    create.mutate({
      title,
      detail,
      level,
      ...(about.alarm !== undefined && { alarm: about.alarm }),
      ...(about.device !== undefined && { device: about.device }),
      ...(needsPlace && { path: place }),
      ...(assignee.trim() !== "" && { assignee }),
      ...(due !== undefined && { due }),
    });
  };
  return (
    <Dialog title={words.create} onClose={onClose}>
      <form className="dialog-form" onSubmit={submit}>
        <label className="field">
          <span>{words.what}</span>
          <input
            required
            maxLength={200}
            placeholder={words.whatPlaceholder}
            value={title}
            onChange={({ target }) => setTitle(target.value)}
          />
        </label>
        {needsPlace && <PlaceChoice value={place} onChange={setPlace} />}
        <label className="field">
          <span>{words.detail}</span>
          <textarea
            rows={3}
            maxLength={2_000}
            value={detail}
            onChange={({ target }) => setDetail(target.value)}
          />
        </label>
        <Segmented
          label={words.levelLabel}
          options={[
            { value: "general", title: words.level.general },
            { value: "major", title: words.level.major },
          ]}
          value={level}
          onChange={setLevel}
        />
        <label className="field">
          <span>{words.assignee}</span>
          <input
            maxLength={100}
            placeholder={words.assigneePlaceholder}
            value={assignee}
            onChange={({ target }) => setAssignee(target.value)}
          />
        </label>
        <DateTimeField label={words.due} value={due} onChange={setDue} usual={WORKING_DAY_END_MINUTES} />
        {create.error !== null && <Failure error={create.error} title={words.failed} kept={words.kept} />}
        <DialogFooter
          action={words.save}
          disabled={create.isPending || (needsPlace && place === "")}
          onCancel={onClose}
        />
      </form>
    </Dialog>
  );
}

/** Every campus, and below it every place that has a name. */
function PlaceChoice({
  value,
  onChange,
}: {
  readonly value: string;
  readonly onChange: (path: string) => void;
}) {
  const { language, local } = useSpeech();
  const words = useWords(ORDER_WORDS);
  const site = useSite();
  return (
    <label className="field">
      <span>{words.place}</span>
      <select required value={value} onChange={({ target }) => onChange(target.value)}>
        <option value="">{words.choosePlace}</option>
        {(site?.counties ?? []).flatMap((county) =>
          county.campuses.map((campus) => {
            const path = `${site?.city.code}/${county.code}/${campus.id}`;
            return (
              <optgroup key={campus.id} label={local(campus.title)}>
                <option value={path}>
                  {local(campus.title)} · {words.wholeCampus}
                </option>
                {Object.keys(campus.places ?? {}).map((below) => (
                  <option key={below} value={`${path}/${below}`}>
                    {placeText(site, `${path}/${below}`, language)}
                  </option>
                ))}
              </optgroup>
            );
          }),
        )}
      </select>
    </label>
  );
}
