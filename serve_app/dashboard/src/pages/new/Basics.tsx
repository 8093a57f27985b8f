import type { DatasetEntry } from "../../api/useDatasets";
import { understood, unitOf } from "../../model/specDuration";
import { textOf } from "../../model/specOptions";
import { Field, Panel } from "../../parts";
import { DatasetField } from "./DatasetField";
import { useField } from "./form";
import { ShownInput } from "./ShownInput";
import { TargetField } from "./TargetField";

/** The questions that every search answers: which data, what for, how long. */
export function Basics({ datasets }: { datasets: readonly DatasetEntry[] }) {
  return (
    <Panel title="What to search">
      <div className="@container flex flex-col gap-5">
        <DatasetField datasets={datasets} />
        <TargetField />
        <fieldset className="min-w-0">
          <legend className="mb-2 font-medium">Budget</legend>
          <div className="grid gap-4 @md:grid-cols-2">
            <NumberField name="trials" label="Networks to train" hint="Each one is called a trial." />
            <TimeLimit />
            <NumberField
              name="max_epochs_per_trial"
              label="Most epochs per network"
              hint="An epoch is one pass over the training data."
            />
            <NumberField
              name="concurrent_workers"
              label="Networks at the same time"
              hint="auto: as many as the machines fit."
            />
          </div>
        </fieldset>
        <NameField />
      </div>
    </Panel>
  );
}

function NumberField({ name, label, hint }: { name: string; label: string; hint: string }) {
  const { text, effective, error, note, set } = useField(name);
  return (
    <div data-field={name}>
      <Field label={label} hint={hint} note={note} error={error}>
        {(ids) => <ShownInput {...ids} inputMode="text" text={text} effective={textOf(effective)} onText={set} />}
      </Field>
    </div>
  );
}

function TimeLimit() {
  const { text, error, note, set } = useField("time_budget_s");
  const duration = understood(text, unitOf("time_budget_s"));
  const hint = "Such as 15 min or 2 h. The best network until then is kept.";
  return (
    <div data-field="time_budget_s">
      <Field label="Time limit" hint={duration ? `That is ${duration}. ${hint}` : hint} note={note} error={error}>
        {(ids) => <ShownInput {...ids} text={text} effective="" placeholder="No limit" onText={set} />}
      </Field>
    </div>
  );
}

function NameField() {
  const { text, error, note, set } = useField("run_name");
  const hint = "Letters, digits, “.”, “_” and “-”. Without a name the study has that of its data set, and the time.";
  return (
    <div data-field="run_name">
      <Field label="Name" hint={hint} note={note} error={error}>
        {(ids) => <ShownInput {...ids} text={text} effective="" placeholder="Data set and time" onText={set} />}
      </Field>
    </div>
  );
}
