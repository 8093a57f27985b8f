import { count } from "../../model/format";
import type { Chip } from "../../model/trialFilter";

/** One row of chips: several may be chosen, and none means all. */
export function ChipRow(props: { label: string; chips: readonly Chip[]; onToggle: (name: string) => void }) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out in one line with its legend
    <div role="group" aria-label={props.label} className="flex min-w-0 flex-wrap items-center gap-1.5">
      <span aria-hidden="true" className="mr-0.5 text-[12px] text-muted">
        {props.label}
      </span>
      {props.chips.map((chip) => (
        <button
          key={chip.name}
          type="button"
          aria-pressed={chip.chosen}
          onClick={() => props.onToggle(chip.name)}
          className={`focus-ring inline-flex h-7 items-center gap-1.5 rounded-full border px-2.5 text-[12px] whitespace-nowrap ${
            chip.chosen
              ? "border-accent bg-accent-soft text-accent"
              : "border-line bg-surface text-main hover:bg-sunken"
          }`}
        >
          {chip.label}
          <span className={chip.chosen ? "" : "text-muted"}>{count(chip.count)}</span>
        </button>
      ))}
    </div>
  );
}
