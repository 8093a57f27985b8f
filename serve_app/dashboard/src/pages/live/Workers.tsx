import { memo } from "react";
import { Link } from "wouter";
import { useShallow } from "zustand/react/shallow";
import { trialColor } from "../../charts/colors";
import { useLiveStudyPart } from "../../live/store";
import { loss, percent } from "../../model/format";
import { trialLink } from "../../model/sentence";
import { runningNumbers, waitingText, workerRow } from "../../model/workers";
import { Bar, Panel } from "../../parts";
import type { StudyHead } from "./useStudyHead";

interface Props {
  head: StudyHead;
  highlighted: number | null;
  onHighlight: (number: number | null) => void;
}

/** A row for each trial that trains, and what the others wait for. */
export function Workers({ head, highlighted, onHighlight }: Props) {
  const numbers =
    useLiveStudyPart(
      head.id,
      useShallow((study) => runningNumbers(study.trials.values())),
    ) ?? [];
  const waiting = waitingText(head, numbers.length);
  return (
    <Panel title="Workers" question="What trains now?" className="h-[200px] xl:h-[280px]">
      <ul className="-mx-2 flex max-h-36 flex-col xl:max-h-56 overflow-y-auto">
        {numbers.map((number) => (
          <Row
            key={number}
            id={head.id}
            number={number}
            alive={head.status === "running"}
            marked={number === highlighted}
            onHighlight={onHighlight}
          />
        ))}
      </ul>
      {waiting !== null && <p className="text-muted">{waiting}</p>}
    </Panel>
  );
}

interface RowProps {
  id: string;
  number: number;
  /** Whether the study runs, so that the trial trains. */
  alive: boolean;
  marked: boolean;
  onHighlight: (number: number | null) => void;
}

/** It draws anew with each batch of its trial, and with nothing else. */
const Row = memo(function Row({ id, number, alive, marked, onHighlight }: RowProps) {
  const trial = useLiveStudyPart(id, (study) => study.trials.get(number));
  const told = useLiveStudyPart(id, (study) => study.progress.running.find((one) => one.trial_number === number));
  if (!trial) return null;
  const row = workerRow(trial, told ?? null);
  const said = alive
    ? (row.waiting ?? row.text)
    : `interrupted in ${row.text.charAt(0).toLowerCase()}${row.text.slice(1)}`;
  const waits = alive && row.waiting !== null; // its reason is long, and must not be cut
  const batch = trial.batch;
  const numbers = batch && batch.loss !== null ? `loss ${loss(batch.loss)}, accuracy ${percent(batch.accuracy)}` : null;
  return (
    <li
      data-worker={number}
      onPointerEnter={() => onHighlight(number)}
      onPointerLeave={() => onHighlight(null)}
      className={`flex min-w-0 flex-col gap-1 rounded-button px-2 py-1.5 ${marked ? "bg-sunken" : ""}`}
    >
      <div className="flex min-w-0 items-baseline gap-2">
        <span
          aria-hidden="true"
          className="size-2 shrink-0 self-center rounded-full"
          style={{ backgroundColor: trialColor(number) }}
        />
        <Link href={trialLink(id, number)} className="focus-ring shrink-0 rounded font-medium hover:text-accent">
          Trial {number}
        </Link>
        <span className={waits ? "min-w-0 break-words" : "min-w-0 truncate"}>{said}</span>
        {!waits && <span className="ml-auto min-w-0 truncate text-[12px] text-muted">{row.machine}</span>}
      </div>
      <Bar
        share={row.waiting === null ? row.share : null}
        label={`Trial ${number}: ${said}`}
        tone={alive ? "accent" : "muted"}
      />
      <p className="flex min-h-[18px] flex-wrap gap-x-3 text-[12px] text-muted">
        {waits && <span className="min-w-0 break-words">{row.machine}</span>}
        {row.batches !== null && <span>{row.batches}</span>}
        {numbers !== null && <span>{numbers}</span>}
      </p>
    </li>
  );
});
