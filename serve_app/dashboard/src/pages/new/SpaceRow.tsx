import { withNarrowing } from "../../model/specDraft";
import { label } from "../../model/specOptions";
import { type Narrowing, type SpaceParameter, withPart } from "../../model/specSpace";
import { Field, inputClass, Select } from "../../parts";
import { useForm } from "./form";

const SCALES = [
  { value: "", label: "Default scale" },
  { value: "log", label: "Logarithmic" },
  { value: "linear", label: "Linear" },
] as const;
const NOTHING: Narrowing = { values: "" };

/** One parameter of the search space: which values are tried, on which scale, and one that is believed to be good. */
export function SpaceRow({ parameter }: { parameter: SpaceParameter }) {
  const { draft, errors, change } = useForm();
  const { name } = parameter;
  const narrowing = draft.space[name] ?? NOTHING;
  const set = (part: Partial<Narrowing>) =>
    change((before) => withNarrowing(before, name, withPart(before.space[name] ?? NOTHING, part)));
  const first = parameter.ranges[0]?.range ?? "";
  return (
    <div data-field={`space.${name}`} className="flex flex-col gap-2">
      <Field
        label={
          <span className="flex flex-wrap items-baseline justify-between gap-x-2">
            <span className="text-main">{label(name)}</span>
            <code className="text-[11px] font-normal text-muted">space.{name}</code>
          </span>
        }
        hint={<Meaning parameter={parameter} />}
        error={errors.get(`space.${name}`) ?? null}
      >
        {(ids) => (
          <input
            {...ids}
            type="text"
            autoComplete="off"
            spellCheck={false}
            className={inputClass}
            value={narrowing.values}
            placeholder={first}
            onChange={(event) => set({ values: event.target.value })}
          />
        )}
      </Field>
      <div className="flex gap-2">
        <input
          type="text"
          autoComplete="off"
          spellCheck={false}
          aria-label={`${label(name)}: a value that you believe is good`}
          className={`${inputClass} flex-1`}
          value={narrowing.prior ?? ""}
          placeholder="Try first"
          onChange={(event) => set({ prior: event.target.value })}
        />
        {parameter.numeric && (
          <Select
            aria-label={`${label(name)}: scale`}
            value={narrowing.scale ?? ""}
            className="flex-1"
            options={SCALES}
            onChange={(scale) => set({ scale: scale === "" ? undefined : scale })}
          />
        )}
      </div>
    </div>
  );
}

function Meaning({ parameter }: { parameter: SpaceParameter }) {
  return (
    <>
      {parameter.meaning && `${parameter.meaning}. `}
      {parameter.ranges.map(({ range, onlyWith }) => (
        <span key={`${range} ${onlyWith}`} className="block">
          Default: <b className="font-medium text-main">{range}</b>
          {onlyWith && ` · only with ${onlyWith}`}
        </span>
      ))}
      {parameter.widest && <span className="block">Allowed: {parameter.widest}</span>}
    </>
  );
}
