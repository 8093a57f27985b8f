import { namesIn, type SpecOption, withName } from "../../model/specOptions";
import { inputClass } from "../../parts";

interface Props {
  ids: { id: string; "aria-describedby": string | undefined; "aria-invalid": boolean | undefined };
  option: SpecOption;
  text: string;
  effective: unknown;
  onText: (text: string) => void;
}

/** One objective or several: typed, or added and taken out by buttons. The first one decides which trial is best. */
export function ObjectiveInput({ ids, option, text, effective, onText }: Props) {
  const chosen = namesIn(text);
  return (
    <div className="flex flex-col gap-2">
      <input
        {...ids}
        type="text"
        autoComplete="off"
        spellCheck={false}
        className={inputClass}
        value={text}
        placeholder={namesIn(effective).join(", ")}
        onChange={(event) => onText(event.target.value)}
      />
      <div className="flex flex-wrap gap-1">
        {(option.choices ?? []).map(String).map((name) => (
          <button
            key={name}
            type="button"
            aria-pressed={chosen.includes(name)}
            onClick={() => onText(withName(text, name))}
            className={`focus-ring rounded-button border px-2 py-0.5 text-[12px] ${
              chosen.includes(name)
                ? "border-accent bg-accent-soft text-main"
                : "border-line text-muted hover:text-main"
            }`}
          >
            {name}
          </button>
        ))}
      </div>
    </div>
  );
}
