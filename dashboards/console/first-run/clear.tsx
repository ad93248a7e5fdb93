import { useState } from "react";
import { Failure } from "../controls/failure.tsx";
import { postJson } from "../live/http.ts";
import { useWords } from "../text/language.tsx";
import { CLEAR_WORDS } from "./clear-words.ts";

const LOOK_MS = 1_000;
/** Every part stops in order first, the slowest within eight seconds of its turn. */
const LOOKS_MAX = 120;

/** The demonstration is cleared away by whoever types that they mean it. */
export function ClearDemonstration() {
  const words = useWords(CLEAR_WORDS);
  const [typed, setTyped] = useState("");
  const [clearing, setClearing] = useState(false);
  const [failure, setFailure] = useState<Error>();
  const clear = async (): Promise<void> => {
    setClearing(true);
    setFailure(undefined);
    try {
      await postJson("/api/v1/demonstration/clear", { confirmation: typed.trim() });
      await setUpThere(words.notCleared);
      location.replace("/");
    } catch (error) {
      setFailure(error instanceof Error ? error : new Error(String(error)));
      setClearing(false);
    }
  };
  return (
    <section className="settings-card">
      <h2>{words.title}</h2>
      <p>{words.goes}</p>
      <p>{words.stays}</p>
      {failure !== undefined && <Failure title={words.failed} error={failure} />}
      <label className="field">
        <span>{words.type}</span>
        <input
          value={typed}
          disabled={clearing}
          autoComplete="off"
          onChange={(event) => setTyped(event.target.value)}
        />
      </label>
      <p role="status">{clearing ? words.clearing : ""}</p>
      <div className="row-actions">
        <button
          type="button"
          className="button"
          disabled={clearing || typed.trim() !== words.confirmation}
          onClick={() => void clear()}
        >
          {words.button}
        </button>
      </div>
    </section>
  );
}

/** The page of the first start answers at the same address once everything has stopped. */
async function setUpThere(otherwise: string): Promise<void> {
  for (let looks = 0; looks < LOOKS_MAX; looks++) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    try {
      const state: unknown = await (await fetch("/set-up/state")).json();
      if (typeof state === "object" && state !== null && "setUp" in state) return;
    } catch {
      // Nobody listens yet, or the console still answers.
    }
  }
  throw new Error(otherwise);
}
