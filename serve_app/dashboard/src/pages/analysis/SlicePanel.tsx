import { type KeyboardEvent, useCallback, useMemo } from "react";
import type { Brushed, Dot } from "../../charts/figure/Scatter";
import { Scatter } from "../../charts/figure/Scatter";
import type { Axis } from "../../model/analysis/axis";
import { positionOf } from "../../model/analysis/axis";
import { conditionText, movedStretch, partsOf, stretchOf } from "../../model/analysis/brush";
import { trialTable } from "../../model/analysis/figureTable";
import { sampleOf, sampleText } from "../../model/analysis/sample";
import { conditionOf } from "../../model/analysis/selection";
import { directionOf, inSentence, sliceSentences } from "../../model/analysis/sentences";
import { ticksOf } from "../../model/analysis/ticks";
import { codecs, useParam } from "../../state/url";
import { openTrial } from "../trials/trialHref";
import { AxisSelect } from "./AxisSelect";
import { FigurePanel } from "./FigurePanel";
import type { Analysis } from "./useAnalysis";
import { brush } from "./useSelection";
import { bestOf, note, trialColor, trialText, withoutResult } from "./words";

const MOST_DOTS = 800;
const PARAMETER = codecs.text();

/** One result by one hyperparameter. */
export function SlicePanel({ analysis }: { analysis: Analysis }) {
  const { parameters } = analysis;
  const [key, setKey] = useParam("slice", PARAMETER);
  const x = parameters.find((axis) => axis.key === key) ?? parameters[0];
  if (x === undefined) return null; // the panel of parallel coordinates says why
  return <Slice analysis={analysis} x={x} onX={setKey} />;
}

function Slice({ analysis, x, onX }: { analysis: Analysis; x: Axis; onX: (key: string) => void }) {
  const { id, ended, chosen, isSelected, result, score, lower, parameters, selection } = analysis;
  const valued = useMemo(() => ended.filter((trial) => score(trial) !== null), [ended, score]);
  const sample = useMemo(() => sampleOf(valued, MOST_DOTS, score), [valued, score]);
  const dots = useMemo(() => {
    const found = sample.drawn.flatMap((trial): Dot[] => {
      const y = positionOf(result, result.of(trial));
      if (y === null) return [];
      const look = !isSelected(trial) ? "faint" : trial.status === "pruned" ? "ring" : "full";
      const at = positionOf(x, x.of(trial));
      return [
        { id: trial.number, x: at, y, look, color: trialColor(trial.number), text: trialText(trial, [x, result]) },
      ];
    });
    return found.sort((one, other) => Number(one.look !== "faint") - Number(other.look !== "faint"));
  }, [sample, isSelected, x, result]);
  const axes = useMemo(
    () => ({
      x: { label: x.label, ticks: ticksOf(x, 6) },
      y: { label: result.label, ticks: ticksOf(result, 6) },
    }),
    [x, result],
  );
  const inside = useMemo(() => chosen.filter((trial) => score(trial) !== null), [chosen, score]);
  const sentences = useMemo(() => {
    const best = bestOf(inside, score);
    const value = best === null ? null : x.of(best);
    const lead = best === null ? null : { number: best.number, value: value === null ? null : x.write(value) };
    return sliceSentences(id, x, result, inside.length, directionOf(chosen, x, result, lower), lead);
  }, [id, chosen, inside, score, x, result, lower]);
  const table = useCallback(() => trialTable(inside, [x, result]), [inside, x, result]);
  const onBrush = (brushed: Brushed) =>
    brush([
      [x.key, partsOf(x, brushed.x)],
      [result.key, partsOf(result, brushed.y)],
    ]);
  const onKey = (event: KeyboardEvent): string | null => {
    if (event.key === "Delete" || event.key === "Backspace") {
      brush([[x.key, []]]);
      return `${x.label}: all values`;
    }
    const key = event.key === "ArrowRight" ? "up" : event.key === "ArrowLeft" ? "down" : null;
    if (key === null || !event.shiftKey) return null;
    const now = stretchOf(x, conditionOf(selection, x.key));
    const parts = partsOf(
      x,
      movedStretch(
        x,
        now,
        key,
        false,
        dots.some((dot) => dot.x === null),
      ),
    );
    brush([[x.key, parts]]);
    return conditionText(x, { key: x.key, parts });
  };
  return (
    <FigurePanel
      id={id}
      title="Slice"
      question={`How does ${inSentence(result.label)} depend on ${inSentence(x.label)}?`}
      sentences={sentences}
      table={table}
      controls={<AxisSelect label="Hyperparameter" value={x} axes={parameters} onChange={onX} />}
      notes={[
        note("Rings are trials that were stopped early. Drag to select trials."),
        note(sampleText(sample)),
        withoutResult(id, ended, (trial) => score(trial) !== null),
      ]}
    >
      <Scatter
        title={`${result.label} by ${inSentence(x.label)}`}
        keys="Arrow keys choose a trial; Shift with left and right selects a stretch, Delete removes it"
        {...axes}
        dots={dots}
        onOpen={(id) => openTrial(Number(id))}
        openText="opens the trial"
        onBrush={onBrush}
        onKey={onKey}
      />
    </FigurePanel>
  );
}
