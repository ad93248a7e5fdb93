import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { NewScene, RoomRun, RoomRunBody, SceneView } from "../../api/api.ts";
import { deleteJson, getJson, postJson } from "../live/http.ts";

const POLL_MS = 700;

export function useScenes() {
  return useQuery({
    queryKey: ["scenes"],
    queryFn: ({ signal }) => getJson<readonly SceneView[]>("/api/v1/scenes", signal),
  });
}

export function useSaveScene(onDone: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (scene: NewScene) => postJson<SceneView>("/api/v1/scenes", scene),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["scenes"] });
      onDone();
    },
  });
}

export function useRemoveScene() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => deleteJson(`/api/v1/scenes/${encodeURIComponent(id)}`),
    onSuccess: () => client.invalidateQueries({ queryKey: ["scenes"] }),
  });
}

export function useRuns(scope: string) {
  return useQuery({
    queryKey: ["room-runs", "list", scope],
    queryFn: ({ signal }) =>
      getJson<readonly RoomRun[]>(`/api/v1/room-runs?limit=20&scope=${encodeURIComponent(scope)}`, signal),
  });
}

/** Follows a run until it has ended. */
export function useRun(id: number | undefined) {
  return useQuery({
    queryKey: ["room-runs", "one", id],
    enabled: id !== undefined,
    queryFn: ({ signal }) => getJson<RoomRun>(`/api/v1/room-runs/${id}`, signal),
    refetchInterval: ({ state }) => (state.data?.state === "running" ? POLL_MS : false),
  });
}

export function useStartRun(onStarted: (run: RoomRun) => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: RoomRunBody) => postJson<RoomRun>("/api/v1/room-runs", body),
    onSuccess: (run) => {
      client.setQueryData(["room-runs", "one", run.id], run);
      void client.invalidateQueries({ queryKey: ["room-runs", "list"] });
      onStarted(run);
    },
  });
}

export function useCancelRun() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: number) => deleteJson(`/api/v1/room-runs/${id}`),
    onSuccess: (_, id) => client.invalidateQueries({ queryKey: ["room-runs", "one", id] }),
  });
}
