import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import type { CommandBody, CommandView } from "../../api/api.ts";
import { getJson, postJson } from "../live/http.ts";
import type { CommandChoice } from "./command-choices.ts";

const POLL_MS = 500;

/** Sends a choice's values one after the other, and follows each until it is settled. */
export function useCommand(device: string) {
  const [progress, setProgress] = useState<CommandView>();
  const mutation = useMutation({
    mutationFn: async ({ choice, reason }: { readonly choice: CommandChoice; readonly reason: string }) => {
      for (const value of choice.values) {
        const body: CommandBody = { device, metric: choice.metric, value, ...(reason !== "" && { reason }) };
        let command = await postJson<CommandView>("/api/v1/commands", body);
        setProgress(command);
        while (command.state === "requested") {
          await new Promise((resolve) => setTimeout(resolve, POLL_MS));
          command = await getJson<CommandView>(`/api/v1/commands/${encodeURIComponent(command.id)}`);
          setProgress(command);
        }
        // A power-cycle whose first half is not known to have happened must not go on to its second.
        if (command.state !== "confirmed") return;
      }
    },
  });
  return {
    progress,
    error: mutation.error,
    isPending: mutation.isPending,
    run: (choice: CommandChoice, reason: string) => mutation.mutate({ choice, reason }),
  };
}
