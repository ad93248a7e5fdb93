import { type Campus, InvalidIdError, type Site } from "@campus-ops/device-profiles/vocabulary";
import { useState } from "react";
import { TextField } from "../../account/field.tsx";
import { useSpeech, useWords } from "../../text/language.tsx";
import {
  changedCampus,
  placesText,
  readPlaces,
  renamedCounty,
  wholeTitle,
  withCampus,
  withCounty,
} from "./draft.ts";
import { NameDialog } from "./name-dialog.tsx";
import { SITE_WORDS } from "./words.ts";

/** What is being edited; `code` is a county's. */
export type Edited =
  | { readonly what: "city" }
  | { readonly what: "county"; readonly code: string }
  | { readonly what: "new county" }
  | { readonly what: "new campus"; readonly code: string }
  | { readonly what: "campus"; readonly campus: Campus };

interface EditProps {
  readonly site: Site;
  readonly onDone: (site: Site) => void;
  readonly onClose: () => void;
}

const NO_TITLE = { zh: "", en: "" };

export function SiteDialog({ edited, ...props }: EditProps & { readonly edited: Edited }) {
  const words = useWords(SITE_WORDS);
  const { onDone, site } = props;
  switch (edited.what) {
    case "city":
      return (
        <NameDialog
          {...props}
          heading={words.editCity}
          title={site.city.title}
          onDone={(title) => onDone({ ...site, city: { ...site.city, title: wholeTitle(title) } })}
        />
      );
    case "county": {
      const title = site.counties.find(({ code }) => code === edited.code)?.title ?? NO_TITLE;
      const done = (next: typeof title): void => onDone(renamedCounty(site, edited.code, next));
      return <NameDialog {...props} heading={words.editCounty} title={title} onDone={done} />;
    }
    case "new county":
      return <NewCounty {...props} />;
    case "new campus":
      return <NewCampus {...props} code={edited.code} />;
    case "campus":
      return <CampusDialog {...props} campus={edited.campus} />;
  }
}

function NewCounty({ site, onDone, onClose }: EditProps) {
  const words = useWords(SITE_WORDS);
  const [code, setCode] = useState(site.city.code.slice(0, 4));
  return (
    <NameDialog
      heading={words.addCounty}
      title={NO_TITLE}
      onClose={onClose}
      onDone={(title) => onDone(withCounty(site, { code, title }))}
    >
      <TextField
        numeric
        label={words.countyCode}
        value={code}
        onChange={setCode}
        hint={words.countyCodeHint}
      />
    </NameDialog>
  );
}

function NewCampus({ site, code, onDone, onClose }: EditProps & { readonly code: string }) {
  const words = useWords(SITE_WORDS);
  const { local } = useSpeech();
  const county = site.counties.find((each) => each.code === code)?.title ?? NO_TITLE;
  const [id, setId] = useState("");
  const [fault, setFault] = useState<string>();
  return (
    <NameDialog
      heading={words.addCampus(local(county))}
      title={NO_TITLE}
      fault={fault}
      onClose={onClose}
      onDone={(title) => {
        try {
          onDone(withCampus(site, code, { id, title }));
        } catch (error) {
          if (!(error instanceof InvalidIdError)) throw error;
          setFault(words.wrongId);
        }
      }}
    >
      <TextField label={words.campusId} value={id} onChange={setId} hint={words.campusIdHint} />
    </NameDialog>
  );
}

function CampusDialog({ site, campus, onDone, onClose }: EditProps & { readonly campus: Campus }) {
  const words = useWords(SITE_WORDS);
  const [text, setText] = useState(placesText(campus.places));
  const [fault, setFault] = useState<string>();
  return (
    <NameDialog
      heading={words.editCampus}
      title={campus.title}
      fault={fault}
      onClose={onClose}
      onDone={(title) => {
        const { places, wrong } = readPlaces(text);
        if (wrong.length > 0) setFault(words.wrongLines(wrong.join(", ")));
        else onDone(changedCampus(site, { ...campus, title, places }));
      }}
      after={
        <label className="field">
          <span>{words.places}</span>
          <textarea rows={8} value={text} onChange={({ target }) => setText(target.value)} />
          <small className="quiet">{words.placesHint}</small>
        </label>
      }
    />
  );
}
