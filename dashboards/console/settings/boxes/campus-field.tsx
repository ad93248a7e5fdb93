import type { Site } from "@campus-ops/device-profiles/vocabulary";
import { useSpeech } from "../../text/language.tsx";

/** Which campus, by its name; the first one until somebody chooses. */
export function CampusField({
  label,
  site,
  value,
  onChange,
}: {
  readonly label: string;
  readonly site: Site | undefined;
  readonly value: string;
  readonly onChange: (campus: string) => void;
}) {
  const { local } = useSpeech();
  return (
    <label className="field">
      <span>{label}</span>
      <select value={value} onChange={(event) => onChange(event.target.value)}>
        {campusesOf(site).map(({ id, title }) => (
          <option key={id} value={id}>
            {local(title)}
          </option>
        ))}
      </select>
    </label>
  );
}

export const campusesOf = (site: Site | undefined) =>
  (site?.counties ?? []).flatMap(({ campuses }) => campuses);
