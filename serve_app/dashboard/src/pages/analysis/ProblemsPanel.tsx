import { useCallback, useMemo } from "react";
import { Link } from "wouter";
import { useExplain } from "../../api/useExplain";
import { selectedLink } from "../../model/analysis/courseSentences";
import type { FigureTable } from "../../model/analysis/figureTable";
import {
  bestSentence,
  driverSentence,
  type Problem,
  problemSentences,
  problemsOf,
} from "../../model/analysis/problems";
import { ofNumbers } from "../../model/analysis/selection";
import { count, NA } from "../../model/format";
import { capital, plural, type Sentence } from "../../model/sentence";
import { Button } from "../../parts";
import { FigurePanel } from "./FigurePanel";
import { ProblemsFigure } from "./ProblemsFigure";
import type { Analysis } from "./useAnalysis";
import { brush } from "./useSelection";
import { note } from "./words";

const select = ({ trials }: Problem) => brush([["trial_number", ofNumbers(trials.map(({ number }) => number)).parts]]);

/** What went wrong in training, how often, and what helps. */
export function ProblemsPanel({ analysis }: { analysis: Analysis }) {
  const { id, study, trials, isSelected, selection } = analysis;
  const explain = useExplain(id, study.trials.size > 0);
  const shown = useMemo(
    () => (selection.length > 0 ? trials.filter(isSelected) : trials),
    [trials, isSelected, selection],
  );
  const problems = useMemo(() => problemsOf(id, shown), [id, shown]);
  const table = useCallback((): FigureTable => {
    return {
      columns: [
        { key: "problem", label: "Problem" },
        { key: "trials", label: "Trials" },
        { key: "remedy", label: "What helps" },
      ],
      rows: problems.map((one) => ({
        key: one.key,
        raw: [one.name, one.trials.length, one.remedy],
        texts: [one.name, count(one.trials.length), one.remedy ?? NA],
      })),
    };
  }, [problems]);
  const answer = explain.data;
  const told: (Sentence | null)[] = [
    bestSentence(id, answer?.trial ?? null),
    driverSentence(answer?.all_trials ?? null),
  ];
  const sentences = [...problemSentences(id, problems, shown.length), ...told.filter((sentence) => sentence !== null)];
  return (
    <FigurePanel
      id={id}
      title="Training problems"
      question="What went wrong, how often, and what helps?"
      sentences={sentences}
      table={table}
      state={
        explain.isError
          ? { kind: "partial", text: "The diagnosis of the best trial cannot be loaded. The counts are complete." }
          : undefined
      }
      controls={
        explain.isError && (
          <Button size="small" onClick={() => void explain.refetch()}>
            Try again
          </Button>
        )
      }
      notes={[
        note(
          answer !== undefined && !answer.measured
            ? "This study did not measure the health of its networks: problems come from the learning curves alone. Start a study with the target “Accuracy + model health” to measure it."
            : null,
        ),
      ]}
    >
      {problems.length > 0 && <ProblemsFigure problems={problems} onOpen={select} />}
      <ul className="mt-3 flex flex-col gap-3">
        {problems.slice(0, MOST_NAMED).map((problem) => (
          <Remedy key={problem.key} id={id} problem={problem} />
        ))}
      </ul>
    </FigurePanel>
  );
}

const MOST_NAMED = 6;

function Remedy({ id, problem }: { id: string; problem: Problem }) {
  const numbers = problem.trials.map(({ number }) => number);
  return (
    <li className="min-w-0 text-[12px]">
      <p className="text-[14px] font-medium">{problem.name}</p>
      {problem.evidence !== null && <p className="break-words text-muted">{problem.evidence}</p>}
      {problem.remedy !== null && (
        <p className="break-words">
          <span className="text-muted">What helps: </span>
          {capital(problem.remedy)}
        </p>
      )}
      <p className="mt-1 flex flex-wrap items-center gap-2">
        <Button
          size="small"
          onClick={() => select(problem)}
          aria-label={`Select ${plural(numbers.length, "trial")} with: ${problem.name}`}
        >
          Select {plural(numbers.length, "trial")}
        </Button>
        <Link href={selectedLink(id, numbers)} className="focus-ring rounded text-accent underline underline-offset-2">
          Show {numbers.length === 1 ? "it" : "them"} in the list
        </Link>
      </p>
    </li>
  );
}
