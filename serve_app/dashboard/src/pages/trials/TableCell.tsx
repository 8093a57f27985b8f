import { Link } from "wouter";
import type { LiveTrial } from "../../live/store";
import { explained } from "../../model/glossary";
import type { TrialColumn } from "../../model/trialColumns";
import { isReduced, REDUCED } from "../../model/trialHealth";
import { healthOf } from "../../model/trialRecord";
import { StatusBadge } from "../../parts";
import { Marks } from "./Marks";
import { useTrialHref } from "./trialHref";
import type { TrialList } from "./useTrialList";

interface Props {
  list: TrialList;
  trial: LiveTrial;
  column: TrialColumn;
  open: boolean;
}

/** One value of a trial as the table shows it. */
export function TableCell({ list, trial, column, open }: Props) {
  if (column.key === "status") return <StatusBadge status={trial.status} />;
  if (isFirst(column)) {
    return (
      <span className="inline-flex h-7 items-center gap-1.5">
        <Marks best={trial.number === list.best} front={list.front.has(trial.number)} />
        <NumberLink number={trial.number} open={open} />
      </span>
    );
  }
  const text = column.text(trial);
  if (column.key === "overall_health" && isReduced(healthOf(trial), list.weights)) {
    return <span title={REDUCED}>{text} (reduced)</span>;
  }
  return <span title={text.length > 16 ? text : explained(text)[0]?.meaning}>{text}</span>;
}

function NumberLink({ number, open }: { number: number; open: boolean }) {
  const href = useTrialHref();
  return (
    <Link
      href={href(number)}
      onClick={(event) => event.stopPropagation()}
      aria-current={open ? "true" : undefined}
      aria-label={`Trial ${number}`}
      className="focus-ring rounded-button font-medium text-accent hover:underline"
    >
      {number}
    </Link>
  );
}

/** The column with the trials' numbers, which stays in view. */
export function isFirst(column: TrialColumn): boolean {
  return column.key === "trial_number";
}
