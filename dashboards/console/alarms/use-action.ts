import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { AlarmActionRequest, AlarmDetail } from "../../api/api.ts";
import { postJson } from "../live/http.ts";
import { useDesk } from "../live/live.tsx";
import type { AskedAction } from "./lifecycle.ts";

export interface Asked extends AlarmActionRequest {
  readonly action: AskedAction;
}

/** Asks one thing of one alarm, and shows the answer without waiting for the stream to bring it. */
export function useAlarmAction(id: string) {
  const desk = useDesk();
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ action, ...body }: Asked) =>
      postJson<AlarmDetail>(`/api/v1/alarms/${encodeURIComponent(id)}/${action}`, body),
    onSuccess: (detail) => {
      client.setQueryData(["alarm", id, detail.updatedAt], detail);
      desk.noteAlarm(detail);
    },
  });
}
