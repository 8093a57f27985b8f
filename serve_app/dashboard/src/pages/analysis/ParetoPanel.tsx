import { useCallback, useMemo } from "react";
import { type Brushed, type Dot, Scatter } from "../../charts/figure/Scatter";
import type { Axis } from "../../model/analysis/axis";
import { partsOf } from "../../model/analysis/brush";
import { trialTable } from "../../model/analysis/figureTable";
import { firstPair, type ParetoPoint, paretoPoints } from "../../model/analysis/pareto";
import { lowerIsBetter, sampleOf, sampleText } from "../../model/analysis/sample";
import { inSentence, paretoSentences } from "../../model/analysis/sentences";
import { ticksOf } from "../../model/analysis/ticks";
import { codecs, useParam } from "../../state/url";
import { openTrial } from "../trials/trialHref";
import { AxisSelect } from "./AxisSelect";
import { FigurePanel } from "./FigurePanel";
import type { Analysis } from "./useAnalysis";
import { brush } from "./useSelection";
import { note, trialColor, trialText } from "./words";

const MOST_DOTS = 600;
const METRIC = codecs.text();

/** Two results against each other, with the front of the best compromises. */
export function ParetoPanel({ analysis }: { analysis: Analysis }) {
  const { metrics, study } = analysis;
  const first = firstPair(
    study.objectives,
    metrics.map(({ key }) => key),
  );
  const [xKey, setX] = useParam("cost", METRIC);
  const [yKey, setY] = useParam("gain", METRIC);
  const of = (key: string) => metrics.find((axis) => axis.key === key);
  const x = of(xKey) ?? of(first[0]);
  const y = (yKey === x?.key ? undefined : of(yKey)) ?? of(first[1]);
  if (x === undefined || y === undefined || x === y) return null;
  const controls = (
    <>
      <AxisSelect label="To the right" value={x} axes={metrics.filter((axis) => axis !== y)} onChange={setX} />
      <AxisSelect label="Upwards" value={y} axes={metrics.filter((axis) => axis !== x)} onChange={setY} />
    </>
  );
  return <Front analysis={analysis} x={x} y={y} controls={controls} />;
}

interface FrontProps {
  analysis: Analysis;
  x: Axis;
  y: Axis;
  controls: React.ReactNode;
}

function Front({ analysis, x, y, controls }: FrontProps) {
  const { id, chosen, objective } = analysis;
  const points = useMemo(
    () => paretoPoints(chosen, [x, y], [lowerIsBetter(x, objective), lowerIsBetter(y, objective)]),
    [chosen, x, y, objective],
  );
  const byNumber = useMemo(() => new Map(chosen.map((trial) => [trial.number, trial])), [chosen]);
  const sample = useMemo(() => sampleOf(points, MOST_DOTS, (point) => Number(point.onFront)), [points]);
  const dots = useMemo(
    () => sample.drawn.map((point) => dotOf(point, byNumber.get(point.number), [x, y])),
    [sample, byNumber, x, y],
  );
  const front = useMemo(() => points.filter(({ onFront }) => onFront), [points]);
  const line = useMemo(() => front.map(({ left, up }) => [left, up] as const), [front]);
  const axes = useMemo(
    () => ({
      x: { label: named(x, objective), ticks: ticksOf(x, 6) },
      y: { label: named(y, objective), ticks: ticksOf(y, 6) },
    }),
    [x, y, objective],
  );
  const table = useCallback(() => {
    const ordered = [...points].reverse();
    return trialTable(
      ordered.flatMap(({ number }) => byNumber.get(number) ?? []),
      [y, x],
    );
  }, [points, byNumber, x, y]);
  const onBrush = (brushed: Brushed) =>
    brush([
      [x.key, partsOf(x, brushed.x)],
      [y.key, partsOf(y, brushed.y)],
    ]);
  return (
    <FigurePanel
      id={id}
      title="Pareto front"
      question={`Which trials are the best compromises of ${inSentence(y.label)} and ${inSentence(x.label)}?`}
      sentences={paretoSentences(id, points, x, y)}
      table={table}
      controls={controls}
      state={
        points.length === 0 ? { kind: "empty", text: "No selected trial has completed with both values." } : undefined
      }
      notes={[
        note("Large dots, joined by the line, are on the front. Drag to select trials."),
        note(sampleText(sample)),
      ]}
    >
      <Scatter
        title={`${y.label} by ${inSentence(x.label)}`}
        keys="Arrow keys choose a trial"
        {...axes}
        dots={dots}
        line={line}
        onOpen={(number) => openTrial(Number(number))}
        openText="opens the trial"
        onBrush={onBrush}
      />
    </FigurePanel>
  );
}

function named(axis: Axis, objective: string): string {
  return `${axis.label}${lowerIsBetter(axis, objective) ? " (lower is better)" : ""}`;
}

function dotOf(point: ParetoPoint, trial: Parameters<typeof trialText>[0] | undefined, axes: readonly Axis[]): Dot {
  return {
    id: point.number,
    x: point.left,
    y: point.up,
    look: point.onFront ? "full" : "faint",
    radius: 6,
    color: trialColor(point.number),
    text: `${trial === undefined ? `Trial ${point.number}` : trialText(trial, axes)}${point.onFront ? ", on the front" : ""}`,
  };
}
