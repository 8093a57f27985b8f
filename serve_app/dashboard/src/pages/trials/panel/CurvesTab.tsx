import { useMemo } from "react";
import { type CurveAxis, Curves, trialColor } from "../../../charts";
import { useLiveStudyPart } from "../../../live/store";
import { loss, percent, percentTick } from "../../../model/format";
import { type TrialChart, trialCharts } from "../../../model/trialCurves";
import { metric, monitored } from "../../../model/trialStory";
import { Panel, type PanelState, panelState } from "../../../parts";
import type { PanelTrial } from "./usePanelTrial";

const TRAINING = "#7d8590";
const DEFAULT_OBJECTIVES: readonly string[] = ["val_accuracy"];

/** Loss, accuracy and learning gap of one trial, with the threshold that it missed. */
export function CurvesTab({ of }: { of: PanelTrial }) {
  const { id, number, query, live, detail, epochs } = of;
  const objectives = useLiveStudyPart(id, (study) => study.objectives) ?? DEFAULT_OBJECTIVES;
  const stop = live?.stopped_by ?? detail?.stopped_by ?? null;
  const objective = monitored(objectives);
  const bestEpoch = of.trial?.best_epoch ?? null;
  const charts = useMemo(() => trialCharts(epochs, objective, stop, bestEpoch), [epochs, objective, stop, bestEpoch]);
  return charts.map((chart) => (
    <Chart
      key={chart.title}
      study={id}
      chart={chart}
      number={number}
      objective={objective}
      state={stateOf(of.trial?.status, epochs, query)}
    />
  ));
}

function stateOf(status: string | undefined, epochs: PanelTrial["epochs"], query: PanelTrial["query"]): PanelState {
  if (epochs.length === 0 && query.isSuccess) {
    return {
      kind: "empty",
      text: status === "running" ? "Its first epoch has not ended yet." : "It did not finish an epoch.",
    };
  }
  return epochs.length > 0 && query.isPending ? { kind: "ready" } : panelState(query);
}

function Chart(props: { study: string; chart: TrialChart; number: number; objective: string; state: PanelState }) {
  const { chart, number, objective } = props;
  const y = useMemo(() => axisOf(chart, objective), [chart, objective]);
  const series = useMemo(
    () =>
      chart.curves.map((curve) => ({
        id: curve.label,
        label: curve.label,
        color: curve.training ? TRAINING : trialColor(number),
        points: curve.points,
        dashed: curve.training,
        strong: !curve.training,
        marker:
          chart.threshold && !curve.training
            ? { x: chart.threshold.epoch, y: chart.threshold.value, text: chart.threshold.text }
            : undefined,
      })),
    [chart, number],
  );
  const levels = useMemo(
    () => (chart.threshold ? [{ value: chart.threshold.value, label: chart.threshold.text }] : []),
    [chart],
  );
  return (
    // As high as with its chart, so that the panels below stay where they are when the epochs come.
    <Panel title={chart.title} state={props.state} className={props.state.kind === "loading" ? "min-h-[347px]" : ""}>
      <p className="mb-2">{chart.sentence}</p>
      <Curves
        study={props.study}
        title={`${chart.title} of trial ${number} by epoch`}
        series={series}
        y={y}
        levels={levels}
        height={200}
      />
      {chart.curves.length > 1 && <p className="mt-1 text-[12px] text-muted">The dashed grey curve is training.</p>}
    </Panel>
  );
}

function axisOf(chart: TrialChart, objective: string): CurveAxis {
  switch (chart.kind) {
    case "loss":
      return { label: "Loss", format: loss, low: 0 };
    case "share":
      return { label: chart.title, format: (value) => percent(value), tick: percentTick, limits: [0, 1] };
    case "points":
      return { label: "Percentage points", format: (value) => value.toFixed(1) };
    default:
      return { label: objective, format: (value) => metric(value, objective) };
  }
}
