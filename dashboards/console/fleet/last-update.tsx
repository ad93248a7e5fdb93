import type { NodeView } from "@campus-ops/ingest/api";
import { useSpeech, useWords } from "../text/language.tsx";
import { edgeValue, takesBundles } from "./boxes.ts";
import { stageText, UPDATE_WORDS } from "./update-words.ts";

/** Of one box, in its own words: how the last update went, or who updates it. */
export function LastUpdate({ node }: { readonly node: NodeView }) {
  const { language } = useSpeech();
  const words = useWords(UPDATE_WORDS);
  if (!takesBundles(node)) return <span className="quiet">{words.byPackage}</span>;
  const said = (name: string): string => String(edgeValue(node, `Update/${name}`) ?? "");
  const state = said("State");
  if (state === "" || state === "idle") return <span className="quiet">{words.noUpdate}</span>;
  const reason = said(language === "zh" ? "ReasonZh" : "ReasonEn");
  return (
    <span>
      {said("Target")} {stageText(words, `${state} ${said("Progress")}`)}
      {reason !== "" && <> · {reason}</>}
    </span>
  );
}
