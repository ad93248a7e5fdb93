import type { OwnPackView } from "@campus-ops/rules/api";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Failure } from "../controls/failure.tsx";
import { dayAndMinuteText } from "../format/time.ts";
import { getJson } from "../live/http.ts";
import { useSpeech, useWords } from "../text/language.tsx";
import { RULE_WORDS } from "./words.ts";

/** The hub's own packs, and the way to a new one. */
export function OwnPackList({ onOpen }: { readonly onOpen: (name: string) => void }) {
  const { locale } = useSpeech();
  const words = useWords(RULE_WORDS);
  const [name, setName] = useState("");
  const packs = useQuery({
    queryKey: ["rules", "own"],
    queryFn: ({ signal }) => getJson<readonly OwnPackView[]>("/api/v1/rule-packs/own", signal),
  });
  const open = (event: FormEvent): void => {
    event.preventDefault();
    onOpen(name.trim());
  };
  return (
    <details className="own-packs">
      <summary>
        {words.packs} ({packs.data?.length ?? 0})
      </summary>
      {packs.error !== null && <Failure error={packs.error} onRetry={() => void packs.refetch()} />}
      {packs.data?.length === 0 && <p className="quiet-note">{words.packsNone}</p>}
      <ul className="plain-list">
        {packs.data?.map((pack) => (
          <li key={pack.name}>
            {pack.editable ? (
              <button type="button" className="link-button" onClick={() => onOpen(pack.name)}>
                {pack.name}
              </button>
            ) : (
              `${pack.name} · ${words.notEditable}`
            )}{" "}
            <span className="quiet figure">{dayAndMinuteText(pack.changedAt, locale)}</span>
          </li>
        ))}
      </ul>
      <form className="inline-form" onSubmit={open}>
        <label className="field">
          <span>{words.packName}</span>
          <input
            type="text"
            required
            maxLength={100}
            pattern="[\p{L}\p{N}][\p{L}\p{N} _\-]*"
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
        </label>
        <button type="submit" className="button">
          {words.newPack}
        </button>
      </form>
    </details>
  );
}
