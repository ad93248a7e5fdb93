import { Icon } from "../shell/icons.tsx";
import { useWords } from "../text/language.tsx";

export type VerdictWord = "met" | "not-met" | "not-verified";

const WORDS = {
  zh: { met: "达标", "not-met": "未达标", "not-verified": "未核实" },
  en: { met: "met", "not-met": "not met", "not-verified": "not verified" },
};
const SHAPES = { met: "working", "not-met": "faulty", "not-verified": "stale" } as const;

/** By shape and word: colour is for what needs a person now. */
export function Verdict({ verdict }: { readonly verdict: VerdictWord }) {
  const words = useWords(WORDS);
  const shape = SHAPES[verdict];
  return (
    <span className="health" data-health={shape}>
      <Icon name={shape} />
      {words[verdict]}
    </span>
  );
}
