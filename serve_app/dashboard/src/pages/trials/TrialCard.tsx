import { memo } from "react";
import { Link } from "wouter";
import { type LiveTrial, useLiveStudyPart } from "../../live/store";
import { explained } from "../../model/glossary";
import { type Line, trialCard } from "../../model/trialCard";
import type { HealthWeights } from "../../model/trialHealth";
import { Silhouette } from "../../network/Silhouette";
import { StatusBadge } from "../../parts";
import { CompareToggle } from "./CompareToggle";
import { HealthBars } from "./HealthBars";
import { Marks } from "./Marks";
import { RunningProgress } from "./RunningProgress";
import { StarButton } from "./StarButton";

interface Props {
  id: string;
  /** The trial as the list has it. The card itself follows the live store, also between two events. */
  trial: LiveTrial;
  health: boolean;
  weights: HealthWeights | null;
  /** It is the best trial of the study. */
  best: boolean;
  /** It is on the Pareto front. */
  front: boolean;
  open: boolean;
  /** It is chosen for comparing. */
  compared: boolean;
  /** No more trials can be chosen. */
  full: boolean;
  href: string;
}

/** One trial: what it is, how good it is, and why it ended. A click anywhere on it opens its panel. */
export const TrialCard = memo(function TrialCard(props: Props) {
  const trial = useLiveStudyPart(props.id, (study) => study.trials.get(props.trial.number)) ?? props.trial;
  const card = trialCard(trial, props.health, props.weights);
  return (
    <article
      data-trial={trial.number}
      className={`panel relative flex h-full min-w-0 flex-col gap-3 p-4 hover:border-accent ${props.open ? "border-accent ring-1 ring-accent" : ""}`}
    >
      <header className="flex min-w-0 items-center gap-2">
        <h3 className="min-w-0 flex-1 truncate font-semibold">
          <Link
            href={props.href}
            aria-current={props.open ? "true" : undefined}
            className="focus-ring rounded-button after:absolute after:inset-0 after:rounded-panel"
          >
            {card.title}
          </Link>
        </h3>
        <Marks best={props.best} front={props.front} />
        <StatusBadge status={trial.status} />
        <StarButton id={props.id} number={trial.number} starred={trial.starred} className="-mr-2" />
      </header>
      <Scores lines={card.scores} />
      {trial.status === "running" && <RunningProgress trial={trial} />}
      <div className="flex min-w-0 gap-3">
        <Lines lines={card.network} className="min-w-0 flex-1" />
        {trial.outline !== null && trial.outline.length > 0 && (
          <div className="h-16 w-24 shrink-0 text-faint">
            <Silhouette outline={trial.outline} title={`Network of trial ${trial.number}`} />
          </div>
        )}
      </div>
      {card.health.length > 0 && <HealthBars lines={card.health} />}
      <footer className="mt-auto flex flex-col gap-1 border-t border-line pt-2 text-[12px]">
        <Lines lines={card.course} />
        {card.ending !== null && (
          <p className="line-clamp-2 break-words" title={card.ending}>
            <span className="text-muted">Why it ended: </span>
            {card.ending}
          </p>
        )}
        <div className="flex min-w-0 items-center gap-2">
          <p className="min-w-0 flex-1 truncate font-mono text-[11px] text-faint">{trial.id}</p>
          <CompareToggle number={trial.number} chosen={props.compared} full={props.full && !props.compared} />
        </div>
      </footer>
    </article>
  );
});

export function Scores({ lines }: { lines: readonly Line[] }) {
  return (
    <dl className="grid grid-cols-3 gap-2">
      {lines.map((line) => (
        <div key={line.label} className="min-w-0">
          <dt className="truncate text-[12px] text-muted" title={explained(line.label)[0]?.meaning}>
            {line.label}
          </dt>
          <dd className="truncate text-[18px] leading-6 font-semibold tracking-tight">{line.text}</dd>
        </div>
      ))}
    </dl>
  );
}

export function Lines({ lines, className = "" }: { lines: readonly Line[]; className?: string }) {
  return (
    <dl className={`flex flex-col gap-0.5 text-[12px] ${className}`}>
      {lines.map((line) => (
        <div key={line.label} className="flex min-w-0 gap-2">
          <dt className="shrink-0 text-muted">{line.label}</dt>
          <dd className="ml-auto min-w-0 text-right break-words" title={line.title}>
            {line.text}
          </dd>
        </div>
      ))}
    </dl>
  );
}
