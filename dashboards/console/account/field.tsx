import { type ReactNode, useId } from "react";

/** A labelled line to type in, with what belongs into it said below. */
export function TextField({
  label,
  value,
  onChange,
  hint,
  placeholder,
  type = "text",
  autoComplete = "off",
  required = true,
  numeric = false,
}: {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly hint?: ReactNode;
  readonly placeholder?: string;
  readonly type?: "text" | "password" | "number";
  readonly autoComplete?: string;
  readonly required?: boolean;
  readonly numeric?: boolean;
}) {
  const hintId = useId();
  return (
    <label className="field">
      <span>{label}</span>
      <input
        type={type}
        value={value}
        required={required}
        autoComplete={autoComplete}
        placeholder={placeholder}
        inputMode={numeric ? "numeric" : undefined}
        aria-describedby={hint === undefined ? undefined : hintId}
        onChange={(event) => onChange(event.target.value)}
      />
      {hint !== undefined && (
        <small id={hintId} className="quiet">
          {hint}
        </small>
      )}
    </label>
  );
}
