import type { Range } from "../../model/trialFilter";
import { RANGES, type RangeName, readBound, writeBound, writeRange } from "../../model/trialView";
import { inputClass } from "../../parts";
import { writeParams } from "../../state/url";
import { useDraft } from "./useDraft";

/** What a range is called, and what 1 in its fields counts. */
const SHOWN: Record<RangeName, { label: string; unit: number }> = {
  accuracy: { label: "Accuracy (%)", unit: 0.01 },
  parameters: { label: "Parameters", unit: 1 },
  duration: { label: "Duration (s)", unit: 1 },
};

export function RangeFields({ ranges }: { ranges: Record<RangeName, Range> }) {
  return RANGES.map((name) => (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out in one line with its legend
    <div key={name} role="group" aria-label={SHOWN[name].label} className="flex items-center gap-1.5">
      <span aria-hidden="true" className="text-[12px] text-muted">
        {SHOWN[name].label}
      </span>
      <Bound name={name} range={ranges[name]} end="min" />
      <span aria-hidden="true" className="text-muted">
        –
      </span>
      <Bound name={name} range={ranges[name]} end="max" />
    </div>
  ));
}

function Bound({ name, range, end }: { name: RangeName; range: Range; end: keyof Range }) {
  const { label, unit } = SHOWN[name];
  const draft = useDraft(writeBound(range[end], unit), (text) =>
    writeParams(writeRange(name, { ...range, [end]: readBound(text, unit) })),
  );
  const side = end === "min" ? "from" : "to";
  return (
    <input
      {...draft}
      inputMode="decimal"
      autoComplete="off"
      placeholder={side}
      aria-label={`${label}, ${side}`}
      className={`${inputClass} !h-7 !w-20 !px-2 text-[12px]`}
    />
  );
}
