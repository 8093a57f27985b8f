import { useId, useState } from "react";
import type { Range } from "../../model/trialFilter";
import { isBound, RANGES, type RangeName, rangeFault, readBound, writeBound, writeRange } from "../../model/trialView";
import { inputClass } from "../../parts";
import { writeParams } from "../../state/url";
import { useDraft } from "./useDraft";

/** What a range is called, what 1 in its fields counts, and an example of what to type. */
const SHOWN: Record<RangeName, { label: string; unit: number; example: string }> = {
  accuracy: { label: "Accuracy (%)", unit: 0.01, example: "90" },
  parameters: { label: "Parameters", unit: 1, example: "50,000" },
  duration: { label: "Duration (s)", unit: 1, example: "60" },
};

export function RangeFields({ ranges }: { ranges: Record<RangeName, Range> }) {
  return RANGES.map((name) => <Fields key={name} name={name} range={ranges[name]} />);
}

function Fields({ name, range }: { name: RangeName; range: Range }) {
  const id = useId();
  const [unreadable, setUnreadable] = useState<Record<keyof Range, boolean>>({ min: false, max: false });
  const { label, example } = SHOWN[name];
  const wrong = unreadable.min || unreadable.max;
  const fault = wrong ? `Not a number. Type one such as ${example}.` : rangeFault(range);
  const bound = { name, range, describedBy: fault === null ? undefined : id, isFault: fault !== null && !wrong };
  const tell = (end: keyof Range) => (text: string) => setUnreadable((known) => ({ ...known, [end]: !isBound(text) }));
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out in one line with its legend
    <div role="group" aria-label={label} className="flex flex-wrap items-center gap-1.5">
      <span aria-hidden="true" className="text-[12px] text-muted">
        {label}
      </span>
      <Bound {...bound} end="min" onText={tell("min")} />
      <span aria-hidden="true" className="text-muted">
        –
      </span>
      <Bound {...bound} end="max" onText={tell("max")} />
      {fault !== null && (
        <p id={id} role="alert" className="basis-full text-[12px] text-bad">
          {fault}
        </p>
      )}
    </div>
  );
}

interface BoundProps {
  name: RangeName;
  range: Range;
  end: keyof Range;
  describedBy: string | undefined;
  /** Whether both ends together are wrong. */
  isFault: boolean;
  onText: (text: string) => void;
}

function Bound({ name, range, end, describedBy, isFault, onText }: BoundProps) {
  const { label, unit } = SHOWN[name];
  const write = (text: string) => {
    onText(text);
    writeParams(writeRange(name, { ...range, [end]: readBound(text, unit) }));
  };
  const draft = useDraft(writeBound(range[end], unit), write, isBound);
  const side = end === "min" ? "from" : "to";
  return (
    <input
      {...draft}
      aria-invalid={isFault || draft["aria-invalid"]}
      aria-describedby={describedBy}
      inputMode="decimal"
      autoComplete="off"
      placeholder={side}
      aria-label={`${label}, ${side}`}
      className={`${inputClass} !h-7 !w-20 !px-2 text-[12px]`}
    />
  );
}
