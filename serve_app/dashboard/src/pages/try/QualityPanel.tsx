import { useMemo } from "react";
import { Link } from "wouter";
import type { PredictionSchema } from "../../api/shapes";
import { liveStore, useLiveStudyPart } from "../../live/store";
import { listed } from "../../model/sentence";
import { leftOutWords, type ModelChoice, modelChoices } from "../../model/try/models";
import { qualityOf } from "../../model/try/quality";
import { Panel, Select } from "../../parts";
import type { ChosenModels } from "./address";
import { TrialMark } from "./TrialMark";

interface Props {
  id: string;
  schema: PredictionSchema;
  models: ChosenModels;
}

/** Says first how often the model is right, and lets a person choose the models. */
export function QualityPanel({ id, schema, models }: Props) {
  const { trial, other, missing } = models;
  const winner = schema.trial_number;
  const loaded = useLiveStudyPart(id, (study) => study.loadedTrials);
  // biome-ignore lint/correctness/useExhaustiveDependencies: read again when all trials are loaded
  const choices = useMemo(() => {
    const { study } = liveStore.getState();
    const trials = study?.id === id ? study.trials : undefined;
    return modelChoices(
      schema.kept_trials,
      winner,
      trial,
      (number) => trials?.get(number)?.performance?.accuracy ?? null,
    );
  }, [schema.kept_trials, winner, trial, id, loaded]);
  const others = choices.filter((one) => one.trial !== trial);
  const leftOut = leftOutWords(schema.kept_trials.length, choices.length);
  return (
    <Panel
      title="How good is it?"
      question="How often is the model right on data that it has not seen?"
      actions={
        schema.kept_trials.length > 1 && (
          <>
            <Select
              aria-label="Model"
              value={String(trial)}
              onChange={(value) => models.chooseTrial(Number(value))}
              className="max-w-64"
              options={choices.map((one) => ({ value: String(one.trial), label: one.label }))}
            />
            <Select
              aria-label="Compare with"
              value={other === null ? "" : String(other)}
              onChange={(value) => models.chooseOther(value === "" ? null : Number(value))}
              className="max-w-64"
              options={[
                { value: "", label: "Compare with …" },
                ...withShown(others, other).map((one) => ({ value: String(one.trial), label: `with ${one.label}` })),
              ]}
            />
          </>
        )
      }
      state={missing.length === 0 ? undefined : { kind: "partial", text: missingWords(missing, winner) }}
    >
      <ModelQuality id={id} schema={schema} trial={trial} />
      {other !== null && <ModelQuality id={id} schema={schema} trial={other} />}
      {leftOut !== null && <p className="mt-2 text-[12px] text-muted">{leftOut}</p>}
      {schema.kept_trials.length === 1 && (
        <p className="mt-2 text-[12px] text-muted">
          Only the best model was kept. To compare models, start a search with{" "}
          <Link
            href={`/new?from=${encodeURIComponent(id)}&advanced=1&find=keep_models`}
            className="focus-ring rounded-button text-accent underline"
          >
            keep_models=all
          </Link>
          .
        </p>
      )}
    </Panel>
  );
}

function ModelQuality({ id, schema, trial }: { id: string; schema: PredictionSchema; trial: number }) {
  const accuracy = useLiveStudyPart(id, (study) => study.trials.get(trial)?.performance?.accuracy);
  const known = {
    trial,
    winner: schema.trial_number,
    testAccuracy: schema.test_accuracy,
    validationAccuracy: accuracy ?? null,
  };
  const { sentence, note } = qualityOf(known);
  return (
    <div className="mb-1 flex items-start gap-2 last:mb-0">
      <TrialMark trial={trial} />
      <div className="min-w-0">
        <p className="text-[16px] font-medium">{sentence}</p>
        <p className="text-[12px] text-muted">{note}</p>
      </div>
    </div>
  );
}

/** The choices, with the chosen one also if it is not among the best. */
function withShown(choices: readonly ModelChoice[], chosen: number | null): readonly ModelChoice[] {
  if (chosen === null || choices.some((one) => one.trial === chosen)) return choices;
  return [...choices, { trial: chosen, label: `Trial ${chosen}` }];
}

function missingWords(missing: readonly number[], winner: number): string {
  const trials = `${missing.length === 1 ? "trial" : "trials"} ${listed(missing.map(String))}`;
  return `The model of ${trials} was not kept. Only models that a study keeps can be tried: trial ${winner} always, others with keep_models=all.`;
}
