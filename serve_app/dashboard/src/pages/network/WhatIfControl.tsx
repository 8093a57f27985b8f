import { useId } from "react";
import { value as written } from "../../model/format";
import type { Scalar } from "../../model/trialRecord";
import { type Control, lastPosition, positionOf, valueAt } from "../../model/whatIf";
import { Select } from "../../parts/Select";

/** One hyperparameter: a slider for numbers, a list for names, a box to tick for yes and no. */
export function WhatIfControl({ control, onChange }: { control: Control; onChange: (value: Scalar) => void }) {
  const id = useId();
  const { label, meaning, changed } = control;
  const shown = written(control.value);
  return (
    <div data-parameter={control.name} className="flex min-w-0 flex-col gap-0.5">
      <div className="flex items-baseline justify-between gap-2 text-[12px]">
        <label htmlFor={id} title={meaning} className="min-w-0 truncate text-muted">
          {label}
        </label>
        <span className={changed ? "font-semibold text-warn" : ""}>
          {shown}
          {changed && <span className="sr-only"> (changed)</span>}
        </span>
      </div>
      {control.kind === "switch" ? (
        <input
          id={id}
          type="checkbox"
          className="my-1 size-4 accent-accent"
          checked={control.value === true}
          onChange={(event) => onChange(event.target.checked)}
        />
      ) : control.kind === "choice" ? (
        <Select
          id={id}
          value={String(control.value)}
          options={control.choices.map((choice) => ({ value: String(choice), label: written(choice) }))}
          onChange={(text) => onChange(control.choices.find((choice) => String(choice) === text) ?? text)}
        />
      ) : (
        <input
          id={id}
          type="range"
          className="focus-ring h-6 w-full min-w-0 accent-accent"
          min={0}
          max={lastPosition(control)}
          value={positionOf(control)}
          aria-valuetext={shown}
          onChange={(event) => onChange(valueAt(control, Number(event.target.value)))}
        />
      )}
    </div>
  );
}
