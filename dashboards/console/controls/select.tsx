/** A labelled native select: keyboards, phones and screen readers know what to do with it. */
export function Select<T extends string>({
  label,
  options,
  value,
  onChange,
  inForm = false,
}: {
  readonly label: string;
  readonly options: readonly { readonly value: T; readonly title: string }[];
  readonly value: T;
  readonly onChange: (value: T) => void;
  /** Its label is seen: among other fields, where the choice does not speak for itself. */
  readonly inForm?: boolean;
}) {
  return (
    <label className="field">
      <span className={inForm ? undefined : "visually-hidden"}>{label}</span>
      <select
        value={value}
        onChange={(event) => {
          const chosen = options.find((option) => option.value === event.target.value);
          if (chosen !== undefined) onChange(chosen.value);
        }}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.title}
          </option>
        ))}
      </select>
    </label>
  );
}
