import { Failure } from "../controls/failure.tsx";
import { useWords } from "../text/language.tsx";
import type { useWish } from "./use-commissioning.ts";
import { COMMISSIONING_WORDS } from "./words.ts";

/** What became of what the box was asked for. */
export function WishState({ wish }: { readonly wish: ReturnType<typeof useWish> }) {
  const words = useWords(COMMISSIONING_WORDS);
  const { command, error } = wish;
  if (error !== null) return <Failure error={error} />;
  return (
    <p role="status" className="wish-state" data-state={command?.state}>
      {command?.state === "requested" && words.requested}
      {command?.state === "refused" && words.refused(command.detail ?? "")}
      {command?.state === "unknown" && words.unknown}
      {command?.state === "confirmed" && words.done}
    </p>
  );
}
