import { useMemo } from "react";
import { type CurveAxis, Curves, trialColor } from "../../charts";
import { comparedCurves, curvesSentence, dashes } from "../../model/compare/trialCurves";
import { type CurveMetric, METRIC_LABEL, METRICS, metricText } from "../../model/curves";
import { percentTick } from "../../model/format";
import { Panel, Segmented } from "../../parts";
import { codecs, useParam, writeParams } from "../../state/url";
import type { Compared } from "./useComparedTrials";

const METRIC = codecs.choice(METRICS, "val_accuracy");
const OPTIONS = [
  { value: "val_accuracy" as const, label: "Accuracy", name: METRIC_LABEL.val_accuracy },
  { value: "val_loss" as const, label: "Loss", name: METRIC_LABEL.val_loss },
];
const AXES: Record<CurveMetric, CurveAxis> = {
  val_accuracy: {
    label: METRIC_LABEL.val_accuracy,
    format: (value) => metricText("val_accuracy", value),
    tick: percentTick,
    limits: [0, 1],
  },
  val_loss: { label: METRIC_LABEL.val_loss, format: (value) => metricText("val_loss", value), low: 0 },
};

/** The learning curves of the compared trials in one chart, each in its own colour. */
export function CurvesPanel({ id, compared }: { id: string; compared: readonly Compared[] }) {
  const [metric, setMetric] = useParam<CurveMetric>("metric", METRIC);
  const curves = useMemo(() => comparedCurves(compared, metric), [compared, metric]);
  const series = useMemo(() => {
    const dashed = dashes(curves.map(({ number }) => trialColor(number)));
    return curves.map(({ number, points }, place) => ({
      id: number,
      label: `Trial ${number}`,
      color: trialColor(number),
      points,
      strong: true,
      dashed: dashed[place],
    }));
  }, [curves]);
  const dashed = series.filter((one) => one.dashed).map((one) => one.label);
  return (
    <Panel
      title="Learning curves"
      question="How did they learn?"
      actions={<Segmented label="Values of the curves" value={metric} options={OPTIONS} onChange={setMetric} />}
    >
      <p className="mb-2">{curvesSentence(curves, metric)}</p>
      <Curves
        study={id}
        title={`${METRIC_LABEL[metric]} of the compared trials by epoch`}
        series={series}
        y={AXES[metric]}
        onOpen={(curve) => writeParams({ trial: String(curve) }, { push: true })}
        openText="opens the trial"
      />
      {dashed.length > 0 && <p className="mt-1 text-[12px] text-muted">Dashed: {dashed.join(", ")}.</p>}
    </Panel>
  );
}
