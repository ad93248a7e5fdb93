import { useSpeech, useWords } from "../../text/language.tsx";
import { minutesOf, type NotifyDraft, PRIORITIES, type PriorityKey, type Step } from "./draft.ts";
import { DESK_WORDS } from "./words.ts";

/** For each priority: which desks are told at once, and which later when nobody acknowledges. */
export function Escalation({
  draft,
  onChange,
}: {
  readonly draft: NotifyDraft;
  readonly onChange: (draft: NotifyDraft) => void;
}) {
  const { local } = useSpeech();
  const words = useWords(DESK_WORDS);
  const desks = Object.entries(draft.desks);
  const set = (priority: PriorityKey, steps: readonly Step[]): void =>
    onChange({ ...draft, escalation: { ...draft.escalation, [priority]: steps } });
  return (
    <section>
      <h2>{words.escalation}</h2>
      <p className="quiet-note">{words.escalationIntro}</p>
      {PRIORITIES.map((priority) => {
        const steps = draft.escalation[priority] ?? [];
        const replace = (index: number, step: Step): void =>
          set(
            priority,
            steps.map((each, at) => (at === index ? step : each)),
          );
        return (
          <fieldset key={priority} className="settings-card">
            <legend>{words.priorities[priority]}</legend>
            {steps.map((step, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a step has no other name than its place
              <div key={index} className="settings-row">
                <span>{words.step(index + 1)}</span>
                <label className="field">
                  <span>{words.after}</span>
                  <input
                    type="number"
                    min={0}
                    step="any"
                    aria-label={words.afterLabel(index + 1)}
                    value={minutesOf(step.after)}
                    onChange={(event) => replace(index, { ...step, after: `${Number(event.target.value)}m` })}
                  />
                </label>
                {desks.map(([id, { title }]) => (
                  <label key={id} className="check">
                    <input
                      type="checkbox"
                      checked={step.desks.includes(id)}
                      onChange={(event) =>
                        replace(index, {
                          ...step,
                          desks: event.target.checked
                            ? [...step.desks, id]
                            : step.desks.filter((each) => each !== id),
                        })
                      }
                    />
                    <span>{local(title)}</span>
                  </label>
                ))}
                <button
                  type="button"
                  className="icon-button"
                  aria-label={`${words.priorities[priority]}: ${words.removeStep(index + 1)}`}
                  onClick={() =>
                    set(
                      priority,
                      steps.filter((_, at) => at !== index),
                    )
                  }
                >
                  <span aria-hidden="true">✕</span>
                </button>
              </div>
            ))}
            {desks.length > 0 && (
              <button
                type="button"
                className="button"
                aria-label={`${words.priorities[priority]}: ${words.addStep}`}
                onClick={() => {
                  const [first] = desks;
                  const after = steps.length === 0 ? "0s" : `${minutesOf(steps.at(-1)?.after) + 5}m`;
                  set(priority, [...steps, { after, desks: first === undefined ? [] : [first[0]] }]);
                }}
              >
                {words.addStep}
              </button>
            )}
          </fieldset>
        );
      })}
    </section>
  );
}
