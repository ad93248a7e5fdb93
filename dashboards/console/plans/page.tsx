import { isWithin } from "@campus-ops/device-profiles/vocabulary";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useLocation } from "wouter";
import type { PlanPin, PlanPinsBody, PlanView } from "../../api/api.ts";
import { useAddress } from "../controls/address.ts";
import { Dialog } from "../controls/dialog.tsx";
import { DialogFooter } from "../controls/dialog-footer.tsx";
import { Failure } from "../controls/failure.tsx";
import { Select } from "../controls/select.tsx";
import { inService } from "../devices/filter.ts";
import { placeText } from "../format/place.ts";
import { putJson, remove } from "../live/http.ts";
import { useInventory, useSite } from "../live/live.tsx";
import { useSpeech, useWords } from "../text/language.tsx";
import { PlanPicture } from "./picture.tsx";
import { placed } from "./pins.ts";
import { UploadForm } from "./upload-form.tsx";
import { PLANS_KEY, usePlans } from "./use-plans.ts";
import { PLAN_WORDS } from "./words.ts";
import "../desk/desk.css";

export default function PlansPage() {
  const { t, language } = useSpeech();
  const words = useWords(PLAN_WORDS);
  const site = useSite();
  const { params, change } = useAddress();
  const plans = usePlans();
  const { inventory } = useInventory();
  // From commissioning: the plan that shows the device's place the closest, with the device on it to be moved.
  const wanted = inventory.devices.get(params.get("place") ?? "");
  const around = (plans.data ?? [])
    .filter(({ path }) => wanted !== undefined && isWithin(wanted.path, path))
    .toSorted((a, b) => b.path.length - a.path.length);
  const chosen = plans.data?.find(({ id }) => String(id) === params.get("plan"));
  const plan = chosen ?? around[0] ?? plans.data?.[0];
  const placing = plan !== undefined && around.includes(plan) ? wanted?.key : undefined;
  return (
    <div className="sheet">
      <header className="sheet-header">
        <h1>{words.title}</h1>
        {plan !== undefined && (
          <Select
            label={words.choose}
            value={String(plan.id)}
            options={(plans.data ?? []).map(({ id, path, title }) => ({
              value: String(id),
              title: `${placeText(site, path, language)} · ${title}`,
            }))}
            onChange={(id) => change({ plan: id })}
          />
        )}
      </header>
      {plans.error !== null && <Failure error={plans.error} onRetry={() => void plans.refetch()} />}
      {plans.isPending && <p className="quiet-note">{t.loading}</p>}
      {plans.data?.length === 0 && (
        <div className="empty">
          <strong>{words.noneTitle}</strong>
          <p>{words.none}</p>
        </div>
      )}
      {plan !== undefined && (
        <Plan
          key={`${plan.id} ${plan.version} ${placing}`}
          plan={plan}
          {...(placing === undefined ? {} : { placing })}
        />
      )}
      <details open={plans.data?.length === 0}>
        <summary>{words.upload}</summary>
        <UploadForm onDone={({ id }) => change({ plan: String(id) })} />
      </details>
    </div>
  );
}

function Plan({
  plan,
  placing,
}: {
  readonly plan: PlanView;
  /** A device that is to be placed, where it is not. */
  readonly placing?: string;
}) {
  const { local } = useSpeech();
  const words = useWords(PLAN_WORDS);
  const { inventory } = useInventory();
  const client = useQueryClient();
  const [, navigate] = useLocation();
  const [draft, setDraft] = useState<readonly PlanPin[] | undefined>(() =>
    placing === undefined || plan.pins.some(({ device }) => device === placing)
      ? undefined
      : placed(plan.pins, placing, 0.5, 0.5),
  );
  const [removing, setRemoving] = useState(false);
  const pins = draft ?? plan.pins;
  const save = useMutation({
    mutationFn: (body: PlanPinsBody) => putJson<PlanView>(`/api/v1/plans/${plan.id}/pins`, body),
    onSuccess: (saved) => {
      client.setQueryData<readonly PlanView[]>(PLANS_KEY, (known) =>
        known?.map((each) => (each.id === saved.id ? saved : each)),
      );
    },
  });
  const take = useMutation({
    mutationFn: () => remove(`/api/v1/plans/${plan.id}`),
    onSuccess: () => client.invalidateQueries({ queryKey: PLANS_KEY }),
  });
  const unplaced = inService(inventory.devices.values()).filter(
    ({ key, path }) => isWithin(path, plan.path) && pins.every(({ device }) => device !== key),
  );
  return (
    <>
      <p className="quiet-note">{draft === undefined ? words.legend : words.editHint}</p>
      <PlanPicture
        plan={plan}
        pins={pins}
        {...(placing === undefined ? {} : { highlighted: placing })}
        {...(draft === undefined
          ? { onOpen: (device) => navigate(`/devices?device=${encodeURIComponent(device)}`) }
          : { onPlace: setDraft })}
      />
      <p className="record-buttons">
        {draft === undefined ? (
          <>
            <button type="button" className="button" onClick={() => setDraft(plan.pins)}>
              {words.edit}
            </button>
            <button type="button" className="button" onClick={() => setRemoving(true)}>
              {words.remove}
            </button>
          </>
        ) : (
          <>
            <button
              type="button"
              className="button"
              data-primary
              disabled={save.isPending}
              onClick={() => save.mutate({ version: plan.version, pins: draft })}
            >
              {words.save}
            </button>
            <button type="button" className="button" onClick={() => setDraft(undefined)}>
              {words.discard}
            </button>
          </>
        )}
      </p>
      {save.error !== null && <Failure error={save.error} title={words.failed} kept={words.kept} />}
      {draft !== undefined && (
        <section>
          <p>{unplaced.length === 0 ? words.allPlaced : words.unplaced(unplaced.length)}</p>
          <ul className="plan-devices">
            {unplaced.map(({ key, title }) => (
              <li key={key}>
                <button
                  type="button"
                  className="button"
                  aria-label={`${words.put}: ${local(title)}`}
                  onClick={() => setDraft(placed(draft, key, 0.5, 0.5))}
                >
                  {local(title)}
                </button>
              </li>
            ))}
          </ul>
        </section>
      )}
      {removing && (
        <Dialog title={`${words.remove} · ${plan.title}`} onClose={() => setRemoving(false)}>
          <p>{words.removeConfirm}</p>
          {take.error !== null && <Failure error={take.error} title={words.failed} />}
          <DialogFooter
            action={words.remove}
            onDo={() => take.mutate()}
            onCancel={() => setRemoving(false)}
          />
        </Dialog>
      )}
    </>
  );
}
