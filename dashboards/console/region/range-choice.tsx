import { Segmented } from "../controls/segmented.tsx";
import { useSpeech } from "../text/language.tsx";
import { RANGES, type RangeName } from "./range.ts";

export function RangeChoice({
  value,
  onChange,
}: {
  readonly value: RangeName;
  readonly onChange: (range: RangeName) => void;
}) {
  const { t } = useSpeech();
  return (
    <Segmented
      label={t.region.range}
      options={RANGES.map((range) => ({ value: range, title: t.region[range] }))}
      value={value}
      onChange={onChange}
    />
  );
}
