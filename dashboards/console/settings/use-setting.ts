import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { SettingAnswer, SettingProblem, SettingView } from "../../api/api.ts";
import { getJson, sendJson } from "../live/http.ts";
import { useAttempt } from "./attempt.ts";

/** A setting as it is, as it is being changed here, and what the hub says about the change. */
export interface EditedSetting<T> {
  readonly setting: SettingView | undefined;
  readonly error: Error | null;
  readonly draft: T;
  readonly dirty: boolean;
  readonly busy: boolean;
  readonly failure: Error | undefined;
  readonly problems: readonly SettingProblem[];
  /** True after it was written, until the next change. */
  readonly saved: boolean;
  readonly change: (draft: T, files?: Readonly<Record<string, string>>) => void;
  readonly discard: () => void;
  readonly save: () => void;
  /** Back to what hub.yaml says. */
  readonly reset: () => void;
  readonly reload: () => void;
}

/** `read` makes of the section's value what the page edits: the value is null where hub.yaml has no such section. */
export function useSetting<T>(name: SettingView["name"], read: (value: unknown) => T): EditedSetting<T> {
  const address = `/api/v1/settings/${name}`;
  const client = useQueryClient();
  const { data, error, refetch } = useQuery({
    queryKey: ["setting", name],
    queryFn: ({ signal }) => getJson<SettingView>(address, signal),
  });
  const [edited, setEdited] = useState<{
    readonly value: T;
    readonly files: Readonly<Record<string, string>>;
  }>();
  const [problems, setProblems] = useState<readonly SettingProblem[]>([]);
  const [saved, setSaved] = useState(false);
  const { attempt, busy, failure } = useAttempt();
  const take = async (answer: Promise<SettingAnswer>): Promise<void> => {
    const told = await answer;
    setProblems(told.problems);
    setSaved(told.saved);
    if (!told.saved) return;
    // As it was written: the part that would be asked is beginning again with it.
    client.setQueryData(["setting", name], told.setting);
    setEdited(undefined);
  };
  return {
    setting: data,
    error,
    draft: edited?.value ?? read(data?.value ?? null),
    dirty: edited !== undefined,
    busy,
    failure,
    problems,
    saved,
    change: (value, files = {}) => {
      setSaved(false);
      setEdited((before) => ({ value, files: { ...before?.files, ...files } }));
    },
    discard: () => {
      setEdited(undefined);
      setProblems([]);
    },
    save: () => {
      if (edited === undefined || data === undefined) return;
      const body = { ...edited, version: data.version };
      void attempt(() => take(sendJson<SettingAnswer>("PUT", address, body)));
    },
    reset: () => {
      if (data === undefined) return;
      void attempt(() => take(sendJson<SettingAnswer>("DELETE", `${address}?version=${data.version}`)));
    },
    reload: () => void refetch(),
  };
}
