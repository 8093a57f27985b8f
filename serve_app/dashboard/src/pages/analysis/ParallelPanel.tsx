import { useCallback, useMemo } from "react";
import { trialTable } from "../../model/analysis/figureTable";
import { commonOfBest, MOST_AXES, MOST_LINES, parallelPicture } from "../../model/analysis/parallel";
import { sampleText } from "../../model/analysis/sample";
import { inSentence, parallelSentences } from "../../model/analysis/sentences";
import { count } from "../../model/format";
import { plural } from "../../model/sentence";
import { FigurePanel } from "./FigurePanel";
import { ParallelFigure } from "./ParallelFigure";
import type { Analysis } from "./useAnalysis";
import { bestOf, note, trialText, withoutResult } from "./words";

/** All trials across the hyperparameters that matter most. */
export function ParallelPanel({ analysis }: { analysis: Analysis }) {
  const { id, ended, chosen, isSelected, parameters, result, score, selection, importance } = analysis;
  const important = Object.keys(importance ?? {}).length > 0;
  const picture = useMemo(
    () => parallelPicture(ended, isSelected, parameters, result, score),
    [ended, isSelected, parameters, result, score],
  );
  const byNumber = useMemo(() => new Map(ended.map((trial) => [trial.number, trial])), [ended]);
  const text = useCallback(
    (number: number) => {
      const trial = byNumber.get(number);
      return trial === undefined ? `Trial ${number}` : trialText(trial, [result, ...picture.axes.slice(0, 3)]);
    },
    [byNumber, picture, result],
  );
  const table = useCallback(() => trialTable(chosen, [...parameters, result]), [chosen, parameters, result]);
  const sentences = useMemo(() => {
    const valued = chosen.filter((trial) => score(trial) !== null);
    const best = bestOf(valued, score);
    const value = best === null ? null : result.of(best);
    const lead =
      best === null || value === null
        ? null
        : { number: best.number, text: `${inSentence(result.label)} ${result.write(value)}` };
    return parallelSentences(id, valued, commonOfBest(valued, parameters, score), lead, important);
  }, [id, chosen, parameters, result, score, important]);
  const most = count(MOST_AXES - 1);
  const hidden =
    picture.hidden > 0
      ? `The ${important ? `${most} most important` : `first ${most}`} hyperparameters are drawn; the table has ${count(picture.hidden)} more.`
      : null;
  return (
    <FigurePanel
      id={id}
      title="Parallel coordinates"
      question="Which values do the best trials have in common?"
      sentences={sentences}
      table={table}
      state={parameters.length === 0 ? { kind: "empty", text: "No hyperparameter has had two values yet." } : undefined}
      notes={[
        note("The best tenth is drawn boldly in colour. Drag along an axis to select trials."),
        note(
          sampleText({ drawn: picture.lines, total: picture.sample.total })?.replace(/: the best .* others\./, ".") ??
            null,
        ),
        note(hidden),
        withoutResult(id, ended, (trial) => score(trial) !== null),
      ]}
    >
      <ParallelFigure
        title={`${plural(Math.min(MOST_LINES, picture.lines.length), "trial")} across ${plural(picture.axes.length, "axis", "axes")}`}
        picture={picture}
        selection={selection}
        text={text}
      />
    </FigurePanel>
  );
}
