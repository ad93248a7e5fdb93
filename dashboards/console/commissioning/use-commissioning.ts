import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { CommandView, CommissioningView, ProfileChoice, SearchView } from "../../api/api.ts";
import { getJson, sendJson } from "../live/http.ts";

const POLL_MS = 1_000;
/** Readings come as the devices give them; a person compares them with what hangs on the wall. */
const LOOK_MS = 3_000;
const KEY = "commissioning";
/** Below it a model is a guess, and a person has to choose. */
export const CONFIDENCE_MIN = 0.2;

export const boxPath = (box: string): string =>
  `/api/v1/commissioning/${box.split("/").map(encodeURIComponent).join("/")}`;

/** The path of a device, by its key `campus/node/device`. */
export function devicePath(key: string): string {
  const [campus = "", node = "", device = ""] = key.split("/");
  return `${boxPath(`${campus}/${node}`)}/devices/${encodeURIComponent(device)}`;
}

export function useCommissioning() {
  return useQuery({
    queryKey: [KEY, "all"],
    queryFn: ({ signal }) => getJson<CommissioningView>("/api/v1/commissioning", signal),
    refetchInterval: LOOK_MS,
  });
}

export function useSearch(box: string) {
  return useQuery({
    queryKey: [KEY, "search", box],
    queryFn: ({ signal }) => getJson<{ readonly search?: SearchView }>(`${boxPath(box)}/search`, signal),
    refetchInterval: ({ state }) => (state.data?.search?.state === "running" ? POLL_MS : LOOK_MS),
  });
}

export function useProfiles() {
  return useQuery({
    queryKey: [KEY, "profiles"],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: ({ signal }) => getJson<readonly ProfileChoice[]>("/api/v1/commissioning/profiles", signal),
  });
}

interface Wish {
  readonly method: "POST" | "DELETE";
  readonly path: string;
  readonly body?: unknown;
}

/** Has the box do something, and follows it until the box has said what became of it. */
export function useWish(onDone: () => void = () => undefined) {
  const client = useQueryClient();
  const [command, setCommand] = useState<CommandView>();
  const mutation = useMutation({
    mutationFn: async ({ body, method, path }: Wish) => {
      let current = await sendJson<CommandView>(method, path, body);
      setCommand(current);
      while (current.state === "requested") {
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
        current = await getJson<CommandView>(`/api/v1/commands/${encodeURIComponent(current.id)}`);
        setCommand(current);
      }
      return current;
    },
    onSettled: () => client.invalidateQueries({ queryKey: [KEY] }),
    onSuccess: ({ state }) => {
      if (state === "confirmed") onDone();
    },
  });
  return { command, error: mutation.error, isPending: mutation.isPending, send: mutation.mutate };
}
