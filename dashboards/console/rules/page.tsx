import { DEVICE_CLASSES } from "@campus-ops/device-profiles/vocabulary";
import type { PacksView, RuleView } from "@campus-ops/rules/api";
import { useQuery } from "@tanstack/react-query";
import { PriorityBadge } from "../alarms/priority.tsx";
import { useAddress } from "../controls/address.ts";
import { Failure } from "../controls/failure.tsx";
import { Select } from "../controls/select.tsx";
import { getJson } from "../live/http.ts";
import { Icon } from "../shell/icons.tsx";
import { useSpeech, useWords } from "../text/language.tsx";
import { RuleDetail } from "./detail.tsx";
import { PackEditor } from "./editor.tsx";
import { OwnPackList } from "./own-packs.tsx";
import { RULE_WORDS } from "./words.ts";
import "./rules.css";

/** What is in force, and the hub's own packs. */
export default function RulesPage() {
  const { t, local } = useSpeech();
  const words = useWords(RULE_WORDS);
  const { params, change } = useAddress();
  const rules = useQuery({
    queryKey: ["rules"],
    queryFn: ({ signal }) => getJson<readonly RuleView[]>("/api/v1/rules", signal),
  });
  const packs = useQuery({
    queryKey: ["rules", "packs"],
    queryFn: ({ signal }) => getJson<PacksView>("/api/v1/rule-packs", signal),
  });
  const asked = (params.get("q") ?? "").toLowerCase();
  const pack = params.get("of") ?? "";
  const inWords = ({ id, title, classes }: RuleView): string =>
    [id, title.zh, title.en, ...classes.flatMap((each) => [each, ...Object.values(DEVICE_CLASSES[each])])]
      .join(" ")
      .toLowerCase();
  const shown = (rules.data ?? [])
    .filter((rule) => (pack === "" || rule.pack === pack) && inWords(rule).includes(asked))
    .toSorted((a, b) => a.priority - b.priority || (a.id < b.id ? -1 : 1));
  const selected = params.get("rule") ?? "";
  const edited = params.get("edit") ?? "";
  return (
    <div className="rules" data-selected={selected !== "" || edited !== ""}>
      <div className="rules-list">
        <header className="sheet-header">
          <h1>{words.title}</h1>
          <Select
            label={words.pack}
            value={pack}
            options={[
              { value: "", title: words.allPacks },
              ...(packs.data?.packs ?? []).map((each) => ({
                value: each.pack,
                title: `${words.packTitle(each.pack)} (${each.rules})`,
              })),
            ]}
            onChange={(of) => change({ of })}
          />
          <label className="field search">
            <span className="visually-hidden">{t.search}</span>
            <Icon name="search" />
            <input
              type="search"
              placeholder={words.search}
              value={params.get("q") ?? ""}
              onChange={(event) => change({ q: event.target.value })}
            />
          </label>
        </header>
        {(packs.data?.problems.length ?? 0) > 0 && (
          <div className="failure" role="alert">
            <strong>{words.problems}</strong>
            <ul>
              {packs.data?.problems.map((problem) => (
                <li key={problem.en}>{local(problem)}</li>
              ))}
            </ul>
          </div>
        )}
        {rules.error !== null && <Failure error={rules.error} onRetry={() => void rules.refetch()} />}
        {rules.isPending && <p className="quiet-note">{t.loading}</p>}
        <OwnPackList onOpen={(name) => change({ edit: name, rule: "" })} />
        {rules.data !== undefined && (
          <p className="quiet-note">{words.count(shown.length, rules.data.length)}</p>
        )}
        {rules.isSuccess && shown.length === 0 && <p>{words.none}</p>}
        <ul className="rule-rows">
          {shown.map((rule) => (
            <li key={rule.id}>
              <button
                type="button"
                className="rule-row"
                aria-current={rule.id === selected}
                onClick={() => change({ rule: rule.id, edit: "" })}
              >
                <PriorityBadge priority={rule.priority} calm labelled />
                <span>
                  <span className="rule-title">{local(rule.title)}</span>
                  <span className="rule-note">
                    {rule.classes.length === 0
                      ? words.everyClass
                      : rule.classes.map((each) => local(DEVICE_CLASSES[each])).join(t.listSeparator)}
                  </span>
                </span>
                <span className="rule-note">
                  {words.packTitle(rule.pack)} · {words.version(rule.version)} · {words.inForce}
                </span>
              </button>
            </li>
          ))}
        </ul>
      </div>
      <section className="detail" aria-label={words.title}>
        <button type="button" className="back-button" onClick={() => change({ rule: "", edit: "" })}>
          <Icon name="back" />
          {words.back}
        </button>
        {edited !== "" && <PackEditor key={edited} name={edited} />}
        {edited === "" && selected !== "" && <RuleDetail key={selected} id={selected} />}
        {edited === "" && selected === "" && <p className="quiet-note">{words.choose}</p>}
      </section>
    </div>
  );
}
