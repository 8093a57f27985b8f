import { useMemo } from "react";
import type { TrialNotes } from "../../../api/shapes";
import { useLiveStudyPart } from "../../../live/store";
import { healthLines, scoreLines } from "../../../model/trialCard";
import { placeLines } from "../../../model/trialDetail";
import { lastingFindings } from "../../../model/trialFindings";
import { howItWent, monitored, rankOf, whyChosen, whyEnded } from "../../../model/trialStory";
import { Loading, Panel, panelState } from "../../../parts";
import { Explained } from "../../live/Words";
import { HealthBars, UNMEASURED } from "../HealthBars";
import { Lines, Scores } from "../TrialCard";
import { useHealthWeights } from "../useHealthWeights";
import { FailureNote } from "./FailureNote";
import { Findings } from "./Findings";
import { TrialNote } from "./TrialNote";
import type { PanelTrial } from "./usePanelTrial";

const DEFAULT_OBJECTIVES: readonly string[] = ["val_accuracy"];

/** Why the trial was chosen, how it went, and why it ended. */
export function StoryTab({ of }: { of: PanelTrial }) {
  const { id, number, query, trial, detail, live, epochs } = of;
  const objectives = useLiveStudyPart(id, (study) => study.objectives) ?? DEFAULT_OBJECTIVES;
  const health = useLiveStudyPart(id, (study) => study.mode !== "simple") ?? false;
  const all = useLiveStudyPart(id, (study) => study.trials);
  const majority = useLiveStudyPart(id, (study) => study.baseline?.majority_val_accuracy) ?? null;
  const weights = useHealthWeights(id);
  const objective = objectives[0] ?? "val_accuracy";
  const rank = useMemo(() => rankOf(all?.values() ?? [], number, objective), [all, number, objective]);
  if (trial === null) {
    return query.isError ? <Panel title="Story" state={panelState(query)} /> : <Loading lines={6} />;
  }
  const stop = live?.stopped_by ?? detail?.stopped_by ?? null;
  const curve = epochs.filter(hasAccuracies);
  // Only the answer says which metrics had too few epochs.
  const measured = { ...trial, health_metrics: detail?.health_metrics ?? trial.health_metrics };
  const end = whyEnded(trial, stop, monitored(objectives));
  return (
    <>
      <div className="panel px-4 py-3">
        <Scores lines={scoreLines(trial)} />
      </div>
      <Panel title="Why it was chosen">
        <p>
          <Explained text={whyChosen(trial)} />
        </p>
      </Panel>
      <Panel title="How it went" state={query.isError ? panelState(query) : undefined}>
        <p>{howItWent(trial, curve, rank, majority).join(" ")}</p>
      </Panel>
      <Panel title="Why it ended" state={end === null ? { kind: "empty", text: "It still trains." } : undefined}>
        <p className="break-words">
          <Explained text={end ?? ""} />
        </p>
        <FailureNote id={id} trial={trial} error={detail?.error ?? null} all={all} />
      </Panel>
      <Findings
        id={id}
        number={number}
        status={trial.status}
        findings={lastingFindings({ findings: live?.findings ?? detail?.findings ?? [], best_epoch: trial.best_epoch })}
        health={health}
      />
      {health && (
        <Panel title="Health">
          <HealthBars lines={healthLines(measured, weights)} />
          {measured.health_metrics?.insufficient?.length ? (
            <p className="mt-2 text-[12px] text-muted">{UNMEASURED}</p>
          ) : null}
        </Panel>
      )}
      <Panel title="Resources and cost" question="Where did it run, and what did it use?" state={panelState(query)}>
        {detail !== null && <Resources lines={placeLines(trial, detail)} why={detail.devices?.why ?? []} />}
      </Panel>
      <TrialNote id={id} number={number} note={notesOf(live ?? detail)} />
      <p className="font-mono text-[11px] break-all text-faint">{trial.id}</p>
    </>
  );
}

function Resources({ lines, why }: { lines: ReturnType<typeof placeLines>; why: readonly string[] }) {
  if (lines.length === 0) return <p className="text-muted">Nothing was recorded: no worker started it.</p>;
  return (
    <>
      <Lines lines={lines} />
      {why.length > 0 && (
        <details className="mt-2 text-[12px]">
          <summary className="focus-ring rounded-button text-muted">Why these devices</summary>
          <ul className="mt-1 list-disc pl-5">
            {why.map((reason) => (
              <li key={reason}>{reason}</li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

const notesOf = (trial: object | null): string => (trial as TrialNotes | null)?.note ?? "";

interface Accuracies {
  epoch: number;
  train_accuracy: number | null;
  val_accuracy: number | null;
}

function hasAccuracies<E extends Accuracies>(epoch: E): epoch is E & { train_accuracy: number; val_accuracy: number } {
  return epoch.train_accuracy !== null && epoch.val_accuracy !== null;
}
