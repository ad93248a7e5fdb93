import type { RuleView, SuppressionView } from "@campus-ops/rules/api";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import type { SuppressionBody } from "../../api/api.ts";
import { Dialog } from "../controls/dialog.tsx";
import { DialogFooter } from "../controls/dialog-footer.tsx";
import { Failure } from "../controls/failure.tsx";
import { Select } from "../controls/select.tsx";
import { postJson } from "../live/http.ts";
import { useSite } from "../live/live.tsx";
import { useSpeech, useWords } from "../text/language.tsx";
import { RULE_WORDS } from "./words.ts";

const HOUR_MS = 3_600_000;
/** Up to the seven days that the platform allows. */
const HOURS = ["1", "4", "8", "24", "72", "168"] as const;

/** A rule rests at a place for a time, with a reason, and comes back by itself. */
export function PauseDialog(props: {
  readonly rule: RuleView;
  readonly onClose: () => void;
  readonly onPaused: () => void;
}) {
  const { local } = useSpeech();
  const words = useWords(RULE_WORDS);
  const site = useSite();
  const client = useQueryClient();
  const places = (site?.counties ?? []).flatMap(({ code, campuses }) =>
    campuses.map(({ id, title }) => ({ value: `${site?.city.code}/${code}/${id}`, title: local(title) })),
  );
  const everywhere = {
    value: site?.city.code ?? "",
    title: site === undefined ? "" : local(site.city.title),
  };
  const [place, setPlace] = useState(places[0]?.value ?? "");
  const [reason, setReason] = useState("");
  const [hours, setHours] = useState<(typeof HOURS)[number]>("8");
  const mutation = useMutation({
    mutationFn: (body: SuppressionBody) => postJson<SuppressionView>("/api/v1/suppressions", body),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ["suppressions"] });
      props.onPaused();
      props.onClose();
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    mutation.mutate({
      path: place,
      rules: [props.rule.id],
      duration_ms: Number(hours) * HOUR_MS,
      reason: reason.trim(),
    });
  };
  return (
    <Dialog title={`${words.pauseTitle} · ${local(props.rule.title)}`} onClose={props.onClose}>
      <form className="dialog-form" onSubmit={submit}>
        <p>{words.pauseIntro}</p>
        <Select
          label={words.pausePlace}
          value={place}
          options={[...places, everywhere]}
          onChange={setPlace}
        />
        <Select
          label={words.pauseFor}
          value={hours}
          options={HOURS.map((value) => ({ value, title: words.hours(Number(value)) }))}
          onChange={setHours}
        />
        <label className="field">
          <span>{words.pauseReason}</span>
          <input
            type="text"
            required
            maxLength={500}
            pattern=".*\S.*"
            placeholder={words.pauseReasonPlaceholder}
            value={reason}
            onChange={(event) => setReason(event.target.value)}
          />
        </label>
        {mutation.error !== null && <Failure error={mutation.error} title={words.failed} kept={words.kept} />}
        <DialogFooter action={words.pause} disabled={mutation.isPending} onCancel={props.onClose} />
      </form>
    </Dialog>
  );
}
