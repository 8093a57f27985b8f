import { type KeyboardEvent, useId, useState } from "react";
import { ranked, trialOfQuery } from "../../model/search";
import { Dialog } from "../../parts/Dialog";
import { inputClass } from "../../parts/Field";
import { useEntries } from "./useEntries";

/** Finds studies, pages and actions (Ctrl K). Arrow keys choose, Enter opens. */
export default function Search({ onClose }: { onClose: () => void }) {
  const [query, setQuery] = useState("");
  const [at, setAt] = useState(0);
  const id = useId();
  const found = ranked(useEntries(query), query);
  const chosen = found[Math.min(at, found.length - 1)];
  const run = (entry: (typeof found)[number]) => {
    onClose();
    entry.run();
  };
  const press = (event: KeyboardEvent) => {
    if (event.key === "Enter" && chosen !== undefined) run(chosen);
    else if (event.key === "ArrowDown") setAt((now) => Math.min(found.length - 1, now + 1));
    else if (event.key === "ArrowUp") setAt((now) => Math.max(0, now - 1));
    else return;
    event.preventDefault();
  };
  return (
    <Dialog open onClose={onClose} title="Search">
      <input
        autoFocus
        type="search"
        role="combobox"
        aria-label="Search studies, pages and actions"
        aria-expanded={found.length > 0}
        aria-controls={id}
        aria-activedescendant={chosen === undefined ? undefined : `${id}-${chosen.id}`}
        placeholder="A study, a page, an action, or the number of a trial"
        value={query}
        onChange={(event) => {
          setQuery(event.target.value);
          setAt(0);
        }}
        onKeyDown={press}
        className={inputClass}
      />
      <div id={id} role="listbox" aria-label="Found" className="max-h-[50dvh] overflow-y-auto">
        {found.map((entry) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the input above has the keys
          <div
            key={entry.id}
            id={`${id}-${entry.id}`}
            role="option"
            tabIndex={-1}
            aria-selected={entry === chosen}
            onClick={() => run(entry)}
            ref={entry === chosen ? (row) => row?.scrollIntoView({ block: "nearest" }) : undefined}
            className={`flex h-9 cursor-pointer items-center gap-3 rounded-button px-3 hover:bg-sunken ${entry === chosen ? "bg-accent-soft" : ""}`}
          >
            <span className="min-w-0 flex-1 truncate">{entry.label}</span>
            <span className="text-[12px] text-muted">{entry.group}</span>
          </div>
        ))}
      </div>
      {found.length === 0 && (
        <p role="status" className="px-3 text-muted">
          {trialOfQuery(query) === null
            ? "Nothing has this name."
            : "Open a study first: then its trials are found here."}
        </p>
      )}
    </Dialog>
  );
}
