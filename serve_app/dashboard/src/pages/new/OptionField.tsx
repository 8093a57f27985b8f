import { understood, unitOf } from "../../model/specDuration";
import {
  choiceLabel,
  choicesOf,
  controlOf,
  defaultWords,
  label,
  meaningWords,
  rangeWords,
  type SpecOption,
} from "../../model/specOptions";
import { Field, inputClass, Select } from "../../parts";
import { useField } from "./form";
import { ObjectiveInput } from "./ObjectiveInput";

/** One field of "Advanced": its control, its meaning, its default and its range. */
export function OptionField({ option }: { option: SpecOption }) {
  const { name } = option;
  const { text, effective, error, note, set } = useField(name);
  const standard = defaultWords(option, text === "" ? effective : undefined);
  const range = rangeWords(option);
  const duration = name.endsWith("_s") ? understood(text, unitOf(name)) : null;
  return (
    <div data-field={name}>
      <Field
        label={
          <span className="flex flex-wrap items-baseline justify-between gap-x-2">
            <span className="text-main">{label(name)}</span>
            <code className="text-[11px] font-normal text-muted">{name}</code>
          </span>
        }
        hint={
          <>
            {meaningWords(option)}
            <span className="block">
              Default: <b className="font-medium text-main">{standard}</b>
              {range !== "" && ` · ${range}`}
            </span>
          </>
        }
        note={[duration && `That is ${duration}.`, note].filter(Boolean).join(" ")}
        error={error}
      >
        {(ids) =>
          name === "objective" ? (
            <ObjectiveInput ids={ids} option={option} text={text} effective={effective} onText={set} />
          ) : controlOf(option) === "choice" ? (
            <Select
              {...ids}
              value={text}
              onChange={set}
              options={[
                { value: "", label: `Default (${standard})` },
                ...(choicesOf(option) ?? []).map((choice) => ({ value: choice, label: choiceLabel(choice) })),
              ]}
            />
          ) : (
            <input
              {...ids}
              type="text"
              autoComplete="off"
              spellCheck={false}
              className={inputClass}
              value={text}
              placeholder={standard}
              onChange={(event) => set(event.target.value)}
            />
          )
        }
      </Field>
    </div>
  );
}
