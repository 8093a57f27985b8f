import { RotateCcw } from "lucide-react";
import { type Control, type Values, withChange } from "../../model/whatIf";
import { calibrated, coverageText, type MeasuredTrial } from "../../model/whatIfMeasured";
import { answeredChanges, type Limits, limitRows, tooLarge, whatIfSentence } from "../../model/whatIfWords";
import { Bar } from "../../parts/Bar";
import { Button } from "../../parts/Button";
import { ErrorNote } from "../../parts/ErrorNote";
import { Panel, type PanelState, panelState } from "../../parts/Panel";
import { CopyCommand } from "../new/RunAgain";
import type { WhatIf as Tried } from "./useWhatIf";
import { WhatIfControl } from "./WhatIfControl";

interface Props {
  id: string;
  tried: Tried;
  trial: MeasuredTrial & { hyperparameters: Values };
  /** The study's spec: its limits, and whether the networks are a person's own model. */
  spec: (Limits & { model?: string | null }) | undefined;
  onClose: () => void;
}

/** Sliders of the hyperparameters, and what the network with these values would be, against the limits of the study. */
export function WhatIf({ id, tried, trial, spec, onClose }: Props) {
  const { changes, setChanges, controls, estimate, query, current } = tried;
  const own = trial.hyperparameters;
  const completed = estimate?.hyperparameters ?? own;
  const close = () => {
    setChanges({});
    onClose();
  };
  return (
    <Panel
      title="What if"
      question="What would this network be with other hyperparameters?"
      state={stateOf(tried, spec)}
      actions={
        <>
          <CopyCommand id={id} hyperparameters={completed} />
          <Button size="small" disabled={Object.keys(changes).length === 0} onClick={() => setChanges({})}>
            <RotateCcw aria-hidden="true" className="size-3.5" />
            Reset
          </Button>
          <Button size="small" onClick={close}>
            Close
          </Button>
        </>
      }
    >
      {query.isError && <ErrorNote error={query.error} retry={() => void query.refetch()} />}
      {estimate && <Numbers tried={tried} trial={trial} limits={spec ?? {}} current={current} />}
      {GROUPS.map(({ title, holds }) => (
        <Group
          key={title}
          title={title}
          controls={controls.filter(holds)}
          onChange={(control, value) => setChanges(withChange(changes, own, control.name, value))}
        />
      ))}
      <p className="mt-3 text-[12px] text-muted">{coverageText(tried.own ?? null, trial)}</p>
    </Panel>
  );
}

const GROUPS = [
  { title: "Network", holds: ({ ofNetwork }: Control) => ofNetwork },
  { title: "Training", holds: ({ ofNetwork }: Control) => !ofNetwork },
];

function stateOf({ space, query, estimate, controls }: Tried, spec: Props["spec"]): PanelState {
  if (spec?.model) return { kind: "empty", text: "The layers of an own model are known only once it is built." };
  if (space.isError || space.isPending) return panelState(space);
  if (query.isPending) return { kind: "loading" };
  if (estimate !== undefined && estimate.layers === null) {
    return { kind: "empty", text: "The size of the data is not known yet, so no network can be calculated." };
  }
  if (controls.length === 0 && !query.isError) {
    return { kind: "empty", text: "The search space of this study has no hyperparameter that can be changed." };
  }
  return { kind: "ready" };
}

function Numbers(props: { tried: Tried; trial: Props["trial"]; limits: Limits; current: boolean }) {
  const { tried, trial, limits, current } = props;
  if (!tried.estimate) return null;
  const own = trial.hyperparameters;
  const first = tried.own ?? null;
  const rows = limitRows(calibrated(tried.estimate, first, trial), first && calibrated(first, first, trial), limits);
  const fault = tooLarge(rows);
  const changes = answeredChanges(tried.changes, own, tried.estimate.hyperparameters);
  return (
    <div aria-busy={!current}>
      <p aria-live="polite">{whatIfSentence(changes, own, tried.estimate, tried.own ?? null)}</p>
      {fault !== null && <p className="mt-1 text-bad">{fault}</p>}
      <dl data-what-if={current ? "current" : "waits"} className="mt-3 grid grid-cols-2 gap-x-4 gap-y-3 md:grid-cols-3">
        {rows.map(({ label, text, before, limit, share }) => (
          <div key={label} className="min-w-0">
            <dt className="text-[12px] text-muted">{label}</dt>
            <dd className="font-semibold">{text}</dd>
            {before !== null && <dd className="text-[12px] text-muted">now {before}</dd>}
            {limit !== null && (
              <dd className="text-[12px] text-muted">
                {limit}
                {share !== null && (
                  <Bar
                    share={share}
                    tone={share > 1 ? "bad" : "accent"}
                    label={`${label}: part of the limit`}
                    className="mt-1"
                  />
                )}
              </dd>
            )}
          </div>
        ))}
      </dl>
    </div>
  );
}

function Group(props: {
  title: string;
  controls: readonly Control[];
  onChange: (control: Control, value: Control["value"]) => void;
}) {
  if (props.controls.length === 0) return null;
  return (
    <fieldset className="mt-4 min-w-0">
      <legend className="mb-1 text-[12px] font-semibold">{props.title}</legend>
      <div className="grid grid-cols-1 gap-x-6 gap-y-2 sm:grid-cols-2 xl:grid-cols-3">
        {props.controls.map((control) => (
          <WhatIfControl key={control.name} control={control} onChange={(value) => props.onChange(control, value)} />
        ))}
      </div>
    </fieldset>
  );
}
