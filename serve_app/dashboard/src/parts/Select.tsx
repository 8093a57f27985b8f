import { ChevronDown } from "lucide-react";
import type { SelectHTMLAttributes } from "react";

interface Option<V extends string> {
  value: V;
  label: string;
  disabled?: boolean;
}

interface Props<V extends string> extends Omit<SelectHTMLAttributes<HTMLSelectElement>, "value" | "onChange"> {
  value: V;
  options: readonly Option<V>[];
  onChange: (value: V) => void;
}

/** The browser's own select: it works with keyboard, phone and screen reader. Give it a label or `aria-label`. */
export function Select<V extends string>({ value, options, onChange, className = "", ...rest }: Props<V>) {
  return (
    <span className={`relative inline-flex min-w-0 ${className}`}>
      <select
        {...rest}
        value={value}
        onChange={(event) => onChange(event.target.value as V)}
        className="focus-ring h-9 w-full min-w-0 appearance-none truncate rounded-button border border-line bg-surface pr-8 pl-3 text-main aria-invalid:border-bad"
      >
        {options.map((option) => (
          <option key={option.value} value={option.value} disabled={option.disabled}>
            {option.label}
          </option>
        ))}
      </select>
      <ChevronDown aria-hidden="true" className="pointer-events-none absolute top-2.5 right-2.5 size-4 text-muted" />
    </span>
  );
}
