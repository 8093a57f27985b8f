import { ChevronRight, Search } from "lucide-react";
import { type ReactNode, useMemo } from "react";
import { changedIn } from "../../model/specDraft";
import { advancedGroups } from "../../model/specOptions";
import { ownParameters, type SpaceRow as Row, searchedParameters, spaceParameters } from "../../model/specSpace";
import { inputClass } from "../../parts";
import { useForm } from "./form";
import { OptionField } from "./OptionField";
import { SpaceRow } from "./SpaceRow";

export const SPACE_GROUP = "Search space";

interface Props {
  /** The default search space for the kind of the chosen data set. */
  space: readonly Row[];
  search: string;
  onSearch: (search: string) => void;
  open: ReadonlySet<string>;
  onToggle: (group: string, open: boolean) => void;
}

/** All other fields by group, and the search space by parameter, as the server describes them. */
export function Advanced({ space, search, onSearch, open, onToggle }: Props) {
  const { draft, options } = useForm();
  const narrowed = Object.keys(draft.space).sort().join(" ");
  const parameters = useMemo(() => {
    const known = spaceParameters(space);
    return [...known, ...ownParameters(narrowed.split(" ").filter(Boolean), known)];
  }, [space, narrowed]);
  const groups = advancedGroups(options, search);
  const shown = searchedParameters(parameters, search);
  const isOpen = (group: string) => search.trim() !== "" || open.has(group);
  return (
    <section data-panel="advanced" aria-label="Advanced" className="flex flex-col gap-3">
      <div className="relative">
        <Search aria-hidden="true" className="pointer-events-none absolute top-2.5 left-3 size-4 text-muted" />
        <input
          type="search"
          aria-label="Search all fields and parameters"
          placeholder="Search names and meanings"
          className={`${inputClass} pl-9`}
          value={search}
          onChange={(event) => onSearch(event.target.value)}
        />
      </div>
      {groups.map(({ name, options: fields }) => (
        <Group
          key={name}
          name={name}
          open={isOpen(name)}
          onToggle={onToggle}
          total={fields.length}
          changed={changedIn(draft, fields)}
        >
          {() => fields.map((option) => <OptionField key={option.name} option={option} />)}
        </Group>
      ))}
      {shown.length > 0 && (
        <Group
          name={SPACE_GROUP}
          open={isOpen(SPACE_GROUP)}
          onToggle={onToggle}
          total={shown.length}
          changed={shown.filter((one) => one.name in draft.space).length}
          note="Which values are tried. Write one value, choices such as 32, 64, or a range such as 1e-4..1e-2."
        >
          {() => shown.map((parameter) => <SpaceRow key={parameter.name} parameter={parameter} />)}
        </Group>
      )}
      {groups.length === 0 && shown.length === 0 && (
        <p role="status" className="text-muted">
          No field and no parameter contains “{search.trim()}”.
        </p>
      )}
    </section>
  );
}

interface GroupProps {
  name: string;
  open: boolean;
  onToggle: (group: string, open: boolean) => void;
  total: number;
  changed: number;
  note?: string;
  /** The fields are drawn only while the group is open. */
  children: () => ReactNode;
}

function Group({ name, open, onToggle, total, changed, note, children }: GroupProps) {
  return (
    <div className="panel min-w-0">
      <button
        type="button"
        aria-expanded={open}
        onClick={() => onToggle(name, !open)}
        className="focus-ring flex min-h-11 w-full items-center gap-2 rounded-panel px-4 text-left"
      >
        <ChevronRight aria-hidden="true" className={`size-4 text-muted ${open ? "rotate-90" : ""}`} />
        <span className="flex-1 font-medium">{name}</span>
        <span className="text-[12px] text-muted">
          {changed > 0 ? `${changed} of ${total} changed` : `${total} ${total === 1 ? "field" : "fields"}`}
        </span>
      </button>
      {open && (
        <div className="px-4 pt-1 pb-4">
          {note && <p className="mb-3 text-[12px] text-muted">{note}</p>}
          <div className="grid gap-x-6 gap-y-5 sm:grid-cols-2">{children()}</div>
        </div>
      )}
    </div>
  );
}
