import { type KeyboardEvent, type ReactNode, useRef } from "react";

interface Option<V extends string> {
  value: V;
  label: ReactNode;
  /** Accessible name where the label is an icon. */
  name?: string;
}

interface Props<V extends string> {
  label: string;
  value: V;
  options: readonly Option<V>[];
  onChange: (value: V) => void;
  className?: string;
}

const STEPS: Record<string, number> = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

/** One choice of a few, side by side: radio buttons with arrow keys, of which only the chosen one is a tab stop. */
export function Segmented<V extends string>({ label, value, options, onChange, className = "" }: Props<V>) {
  const group = useRef<HTMLDivElement>(null);
  const move = (event: KeyboardEvent) => {
    const step = STEPS[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const at = options.findIndex((option) => option.value === value);
    const next = (at + step + options.length) % options.length;
    const chosen = options[next];
    if (chosen === undefined) return;
    onChange(chosen.value);
    group.current?.querySelectorAll<HTMLElement>("[role=radio]")[next]?.focus();
  };
  return (
    <div
      ref={group}
      role="radiogroup"
      aria-label={label}
      onKeyDown={move}
      className={`inline-flex min-w-0 rounded-button border border-line bg-sunken p-0.5 ${className}`}
    >
      {options.map((option, index) => {
        const checked = option.value === value;
        return (
          // biome-ignore lint/a11y/useSemanticElements: a group of buttons with radio semantics keeps its look
          <button
            key={option.value}
            type="button"
            role="radio"
            aria-checked={checked}
            aria-label={option.name}
            title={option.name}
            tabIndex={checked || (index === 0 && !options.some((other) => other.value === value)) ? 0 : -1}
            onClick={() => onChange(option.value)}
            className={`focus-ring inline-flex h-7.5 min-w-8 flex-1 items-center justify-center gap-1.5 rounded-[6px] px-2.5 text-[13px] whitespace-nowrap ${
              checked ? "bg-surface font-medium text-main ring-1 ring-line" : "text-muted hover:text-main"
            }`}
          >
            {option.label}
          </button>
        );
      })}
    </div>
  );
}
