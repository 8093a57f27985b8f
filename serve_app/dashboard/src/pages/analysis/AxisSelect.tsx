import type { Axis } from "../../model/analysis/axis";
import { Field, Select } from "../../parts";

interface Props {
  label: string;
  value: Axis;
  axes: readonly Axis[];
  onChange: (key: string) => void;
}

/** Chooses an axis of a figure. */
export function AxisSelect({ label, value, axes, onChange }: Props) {
  return (
    <Field label={label} className="min-w-40">
      {(ids) => (
        <Select
          {...ids}
          value={value.key}
          options={axes.map((axis) => ({ value: axis.key, label: axis.label }))}
          onChange={onChange}
        />
      )}
    </Field>
  );
}
