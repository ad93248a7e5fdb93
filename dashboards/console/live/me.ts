import { useQuery } from "@tanstack/react-query";
import type { MeView, Permission } from "../../api/api.ts";
import { getJson } from "./http.ts";

export const ME_KEY = ["me"] as const;

export function loadMe({ signal }: { readonly signal?: AbortSignal } = {}): Promise<MeView> {
  return getJson<MeView>("/api/v1/me", signal);
}

/** Who is here; undefined until the hub has said. */
export function useMe(): MeView | undefined {
  return useQuery({ queryKey: ME_KEY, queryFn: loadMe }).data;
}

/**
 * Whether to show what a permission is for: the hub decides, and is asked again with every request. Until it has said
 * anything, everything is shown.
 */
export function useMay(): (permission: Permission | undefined) => boolean {
  const me = useMe();
  return (permission) =>
    permission === undefined || me === undefined || me.permissions[permission] !== undefined;
}
