import { useId, useState } from "react";
import { useWords } from "../text/language.tsx";
import "./file-field.css";

const WORDS = {
  zh: { choose: "选择文件", none: "没有选择文件" },
  en: { choose: "Choose a file", none: "no file chosen" },
};

/** A file to bring, chosen in the console's language: the browser's own button speaks the browser's. */
export function FileField({
  label,
  accept,
  required = false,
  disabled = false,
  onChange,
}: {
  readonly label: string;
  /** Endings or media types, as an input of HTML takes them. */
  readonly accept: string;
  readonly required?: boolean;
  readonly disabled?: boolean;
  /** Undefined where the choice was taken back. */
  readonly onChange: (file: File | undefined) => void;
}) {
  const words = useWords(WORDS);
  const id = useId();
  const [name, setName] = useState<string>();
  return (
    <div className="field file-field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        type="file"
        className="visually-hidden"
        accept={accept}
        required={required}
        disabled={disabled}
        onChange={({ target }) => {
          const file = target.files?.[0];
          setName(file?.name);
          // Mended and saved under its name, it can be chosen again; where a form waits for one, it stays chosen.
          if (!required) target.value = "";
          onChange(file);
        }}
      />
      <label htmlFor={id} className="file-choice">
        <span className="button">{words.choose}</span>
        <span className="quiet">{name ?? words.none}</span>
      </label>
    </div>
  );
}
