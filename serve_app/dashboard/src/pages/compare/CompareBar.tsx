import { X } from "lucide-react";
import { MOST_COMPARED } from "../../model/compare/chosen";
import { Button, ButtonLink } from "../../parts";

interface Item {
  key: string | number;
  label: string;
  color?: string;
}

interface Props {
  /** What they are: "trial", "study". */
  one: string;
  many: string;
  items: readonly Item[];
  /** Where the comparison is. */
  href: string;
  onRemove: (key: Item["key"]) => void;
  onClear: () => void;
}

/** At the bottom of a list: what was chosen for comparing, and the way to the comparison. Empty without a choice. */
export function CompareBar({ one, many, items, href, onRemove, onClear }: Props) {
  if (items.length === 0) return null;
  return (
    <section
      aria-label="Comparison"
      data-compare-bar
      className="fixed inset-x-0 bottom-14 z-30 flex flex-wrap items-center gap-2 border-t border-line bg-raised px-4 py-2 shadow-lg md:bottom-0 md:left-60"
    >
      <ul aria-label={`Chosen ${many}`} className="flex min-w-0 flex-1 flex-wrap gap-1.5">
        {items.map((item) => (
          <li
            key={item.key}
            className="flex h-7 max-w-full min-w-0 items-center gap-1.5 rounded-button border border-line pl-2"
          >
            {item.color !== undefined && (
              <span
                aria-hidden="true"
                className="size-2.5 shrink-0 rounded-full"
                style={{ backgroundColor: item.color }}
              />
            )}
            <span className="truncate">{item.label}</span>
            <button
              type="button"
              aria-label={`Do not compare ${item.label}`}
              onClick={() => onRemove(item.key)}
              className="focus-ring flex size-6.5 shrink-0 items-center justify-center rounded-button text-muted hover:text-main"
            >
              <X aria-hidden="true" className="size-3.5" />
            </button>
          </li>
        ))}
      </ul>
      {items.length === 1 ? (
        <p className="text-muted">
          Choose up to {MOST_COMPARED - 1} more {many}.
        </p>
      ) : (
        <ButtonLink kind="primary" href={href}>
          Compare {items.length} {items.length === 1 ? one : many}
        </ButtonLink>
      )}
      <Button onClick={onClear}>Clear</Button>
    </section>
  );
}
