import { useCallback, useMemo } from "react";
import { type CurveId, Curves } from "../../charts";
import { curveSentence, missingSentence } from "../../model/curvePicture";
import { type CurveMetric, METRIC_LABEL, METRICS, metricText } from "../../model/curves";
import { percentTick } from "../../model/format";
import { plural } from "../../model/sentence";
import { Panel, panelState, Segmented } from "../../parts";
import { codecs, useParam, writeParams } from "../../state/url";
import { useCurvePicture } from "./useCurvePicture";
import { useSettledStudy } from "./useSettledStudy";
import { Words } from "./Words";

const metricCodec = codecs.choice(METRICS, "val_accuracy");
const OPTIONS = [
  { value: "val_accuracy" as const, label: "Accuracy", name: METRIC_LABEL.val_accuracy },
  { value: "val_loss" as const, label: "Loss", name: METRIC_LABEL.val_loss },
];

interface Props {
  id: string;
  highlighted: number | null;
  onHighlight: (number: number | null) => void;
}

/** The learning curves of all trials, live. */
export function AllCurves({ id, highlighted, onHighlight }: Props) {
  const [metric, setMetric] = useParam<CurveMetric>("metric", metricCodec);
  const study = useSettledStudy(id);
  const { query, picture, series, levels, range } = useCurvePicture(id, study, metric);
  const y = useMemo(
    () => ({
      label: METRIC_LABEL[metric],
      low: range.low,
      high: range.high,
      format: (value: number) => metricText(metric, value),
      tick: metric === "val_accuracy" ? percentTick : shortLoss,
    }),
    [metric, range],
  );
  const lift = useCallback(
    (curve: CurveId | null) => onHighlight(typeof curve === "number" ? curve : null),
    [onHighlight],
  );
  const missing = study?.loadedTrials ? missingSentence(id, picture) : null;
  return (
    <Panel
      title="Learning curves"
      question="How do the trials learn?"
      state={query.isError ? panelState(query) : query.data === undefined ? { kind: "loading" } : { kind: "ready" }}
      className="min-h-[480px]"
      actions={<Segmented label="Values of the curves" value={metric} options={OPTIONS} onChange={setMetric} />}
    >
      <p className="mb-2 min-h-[21px]">
        <Words of={curveSentence(id, picture, metric)} />
      </p>
      <Curves
        study={id}
        title={`${METRIC_LABEL[metric]} of all trials by epoch`}
        series={series}
        y={y}
        levels={levels}
        height={320}
        highlighted={highlighted}
        onHighlight={lift}
        onOpen={(curve) => writeParams({ trial: String(curve) }, { push: true })}
        openText="opens the trial"
      />
      <p className="mt-2 min-h-[18px] text-[12px] text-muted">{missing !== null && <Words of={missing} />}</p>
      {range.cut > 0 && (
        <p className="mt-1 text-[12px] text-muted">
          {plural(range.cut, "curve leaves", "curves leave")} the picture:{" "}
          {range.cut === 1 ? "its loss is" : "their losses are"} above {metricText(metric, range.high)}.
        </p>
      )}
    </Panel>
  );
}

function shortLoss(value: number): string {
  return String(Number(value.toPrecision(3)));
}
