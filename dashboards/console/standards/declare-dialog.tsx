import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import type { DeclarationBody, DeclarationView } from "../../api/api.ts";
import { Dialog } from "../controls/dialog.tsx";
import { DialogFooter } from "../controls/dialog-footer.tsx";
import { Failure } from "../controls/failure.tsx";
import { Segmented } from "../controls/segmented.tsx";
import { postJson } from "../live/http.ts";
import { useSpeech, useWords } from "../text/language.tsx";
import type { Declarable } from "./items.tsx";
import { STANDARD_WORDS } from "./words.ts";

/** A person states what no device can tell, and what shows it. */
export function DeclareDialog({
  base,
  campus,
  about,
  onClose,
}: {
  readonly base: string;
  readonly campus: string;
  readonly about: Declarable;
  readonly onClose: () => void;
}) {
  const { local } = useSpeech();
  const words = useWords(STANDARD_WORDS);
  const client = useQueryClient();
  const [yes, setYes] = useState<"yes" | "no">("yes");
  const [number, setNumber] = useState("");
  const [evidence, setEvidence] = useState("");
  const declaration = useMutation({
    mutationFn: (body: DeclarationBody) => postJson<DeclarationView>(`${base}/declarations`, body),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["standards"] });
      onClose();
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const value = about.kind === "yes" ? yes === "yes" : Number(number);
    declaration.mutate({ campus, about: about.about, value, evidence: evidence.trim() });
  };
  return (
    <Dialog title={words.declareTitle} onClose={onClose}>
      <form className="dialog-form" onSubmit={submit}>
        <p>
          <strong>{local(about.title)}</strong>
        </p>
        <p className="quiet-note">{words.declareIntro}</p>
        {about.kind === "yes" ? (
          <Segmented
            label={words.value}
            options={[
              { value: "yes", title: words.yes },
              { value: "no", title: words.no },
            ]}
            value={yes}
            onChange={setYes}
          />
        ) : (
          <label className="field">
            <span>{words.value}</span>
            <input
              type="number"
              min={0}
              step="any"
              required
              value={number}
              onChange={({ target }) => setNumber(target.value)}
            />
          </label>
        )}
        <label className="field">
          <span>{words.proof}</span>
          <textarea
            rows={3}
            required
            maxLength={2_000}
            placeholder={words.proofPlaceholder}
            value={evidence}
            onChange={({ target }) => setEvidence(target.value)}
          />
        </label>
        {declaration.error !== null && (
          <Failure error={declaration.error} title={words.failed} kept={words.kept} />
        )}
        <DialogFooter
          action={words.send}
          disabled={declaration.isPending || evidence.trim() === ""}
          onCancel={onClose}
        />
      </form>
    </Dialog>
  );
}
