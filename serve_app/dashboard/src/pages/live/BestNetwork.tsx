import { Suspense } from "react";
import { Link } from "wouter";
import { type LiveTrial, useLiveStudyPart } from "../../live/store";
import { count, duration, loss, percent, wholePercent } from "../../model/format";
import { plural, studyLink, trialLink } from "../../model/sentence";
import { isReduced, REDUCED } from "../../model/trialHealth";
import { architectureWords } from "../../model/trialWords";
import { hasEnded } from "../../model/verdict";
import { NetworkView } from "../../network";
import { ButtonLink, Panel, type PanelState } from "../../parts";
import { useHealthWeights } from "../trials/useHealthWeights";
import type { StudyHead } from "./useStudyHead";

/** The best network so far, small, with its numbers. */
export function BestNetwork({ head }: { head: StudyHead }) {
  const number = head.best_trial_number;
  const ended = hasEnded(head.status);
  const trial = useLiveStudyPart(head.id, (study) => (number === null ? undefined : study.trials.get(number)));
  const loaded = useLiveStudyPart(head.id, (study) => study.loadedTrials) ?? false;
  return (
    <Panel
      title="Best network"
      question={
        number === null ? "Which network is the best?" : `Trial ${number} is the best${ended ? "" : " so far"}.`
      }
      className="min-h-[430px]"
      state={stateOf(number, trial, loaded, ended)}
      actions={
        number !== null && (
          <ButtonLink
            size="small"
            href={studyLink(head.id, "network", { trial: number })}
            aria-label="Open the best network"
          >
            Open
          </ButtonLink>
        )
      }
    >
      {trial && <Drawn head={head} trial={trial} />}
    </Panel>
  );
}

function stateOf(number: number | null, trial: LiveTrial | undefined, loaded: boolean, ended: boolean): PanelState {
  if (number === null) {
    return {
      kind: "empty",
      text: ended ? "No trial finished an epoch." : "It shows after the first epoch of the first trial.",
    };
  }
  if (trial) return { kind: "ready" };
  return loaded ? { kind: "empty", text: "The network of this trial was not recorded." } : { kind: "loading" };
}

function Drawn({ head, trial }: { head: StudyHead; trial: LiveTrial }) {
  const reduced = isReduced(trial.health_metrics, useHealthWeights(head.id));
  const score = trial.performance?.total_score ?? head.progress.best_total_score;
  return (
    <>
      <div className="relative h-52 overflow-hidden rounded-button bg-sunken">
        {trial.outline && trial.outline.length > 0 ? (
          <Suspense fallback={<div className="h-full" />}>
            <NetworkView
              compact
              mode="3d"
              colorBy="score"
              layers={trial.outline}
              score={score}
              title={`Network of trial ${trial.number}`}
              selected={null}
              onSelect={() => {}}
              morphKey={String(trial.number)}
            />
          </Suspense>
        ) : (
          <p className="p-4 text-muted">Its layers were not recorded.</p>
        )}
      </div>
      <dl className="mt-3 grid grid-cols-2 gap-x-4 gap-y-1 text-[12px] sm:grid-cols-3">
        {numbersOf(head, trial).map(([label, value]) => (
          <div key={label} className="min-w-0">
            <dt className="text-muted">{label}</dt>
            <dd className="truncate text-[14px] font-medium">{value}</dd>
          </div>
        ))}
      </dl>
      {reduced && head.mode !== "simple" && <p className="mt-2 text-[12px] text-warn">Overall health: {REDUCED}</p>}
      <p className="mt-2 text-[12px] text-muted">
        <Link
          href={trialLink(head.id, trial.number)}
          className="focus-ring rounded text-accent underline underline-offset-2"
        >
          Open trial {trial.number}
        </Link>
        {trial.status === "running" && head.status === "running" && " – it still trains, so its numbers may change."}
      </p>
    </>
  );
}

function numbersOf(head: StudyHead, trial: LiveTrial): [string, string][] {
  const { performance, architecture } = trial;
  const accuracy = performance?.accuracy ?? head.progress.best_accuracy;
  const rows: [string, string][] = [
    ["Accuracy", percent(accuracy)],
    ["Loss", loss(performance?.loss ?? null)],
    ["Parameters", count(architecture?.total_parameters ?? null)],
    ["Type", architecture ? architectureWords(architecture.type) : "N/A"],
    ["Layers", trial.outline ? plural(trial.outline.length, "layer") : "N/A"],
    ["Trained", trial.status === "running" ? plural(trial.epochs_trained, "epoch") : duration(trial.duration_seconds)],
  ];
  if (head.mode !== "simple") rows.splice(1, 0, ["Overall health", wholePercent(trial.overall_health)]);
  if (head.test_accuracy !== null) rows.splice(1, 0, ["Test accuracy", percent(head.test_accuracy)]);
  return rows;
}
