import { ROLE_TITLES, ROLES, type Role } from "../../accounts/core/permissions.ts";
import type { Grant } from "../../api/api.ts";
import { ACCOUNT_WORDS } from "../account/words.ts";
import { Select } from "../controls/select.tsx";
import { useSpeech, useWords } from "../text/language.tsx";

export interface Place {
  readonly path: string;
  readonly title: string;
}

/** Roles, each at a place. */
export function GrantsEdit({
  grants,
  places,
  onChange,
}: {
  readonly grants: readonly Grant[];
  readonly places: readonly Place[];
  readonly onChange: (grants: readonly Grant[]) => void;
}) {
  const { local } = useSpeech();
  const { accounts: words } = useWords(ACCOUNT_WORDS);
  const replace = (index: number, change: Partial<Grant>): void =>
    onChange(grants.map((grant, each) => (each === index ? { ...grant, ...change } : grant)));
  return (
    <div>
      {grants.map(({ path, role }, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: two rows may say the same while they are edited
        <div className="grants-edit" key={index}>
          <Select<Role>
            label={words.role}
            value={role}
            options={ROLES.map((each) => ({ value: each, title: local(ROLE_TITLES[each]) }))}
            onChange={(next) => replace(index, { role: next })}
          />
          <Select
            label={words.place}
            value={path}
            options={places.map((place) => ({ value: place.path, title: place.title }))}
            onChange={(next) => replace(index, { path: next })}
          />
          <button
            type="button"
            className="icon-button"
            aria-label={words.removeGrant}
            onClick={() => onChange(grants.filter((_, each) => each !== index))}
          >
            <span aria-hidden="true">✕</span>
          </button>
        </div>
      ))}
      <button
        type="button"
        className="link-button"
        onClick={() => onChange([...grants, { role: "guard", path: places[0]?.path ?? "" }])}
      >
        {words.addGrant}
      </button>
    </div>
  );
}
