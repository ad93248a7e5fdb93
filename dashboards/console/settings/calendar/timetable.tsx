import { FileField } from "../../controls/file-field.tsx";
import { textOf } from "../../controls/text-of.ts";
import { useWords } from "../../text/language.tsx";
import { SaveBar } from "../save-bar.tsx";
import { useSetting } from "../use-setting.ts";
import { CALENDAR_WORDS } from "./words.ts";

const readName = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

/** The lessons of a week, as one file that is taken whole or not at all. */
export function Timetable() {
  const words = useWords(CALENDAR_WORDS);
  const edited = useSetting("timetable", readName);
  const take = async (file: File | undefined): Promise<void> => {
    if (file === undefined) return;
    const name = "settings:timetable.csv";
    edited.change(name, { [name]: await textOf(file) });
  };
  return (
    <section>
      <h2>{words.timetable}</h2>
      <p className="quiet-note">{words.timetableHint}</p>
      <p>{edited.draft === undefined ? words.timetableNone : words.timetableNow(edited.draft)}</p>
      <FileField label={words.timetableFile} accept=".csv" onChange={(file) => void take(file)} />
      <SaveBar edited={edited} part="rules" />
    </section>
  );
}
