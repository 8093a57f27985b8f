import { useMemo, useRef } from "react";
import { useCurves } from "../../api/useCurves";
import { type CurveLevel, type CurveSeries, trialColor } from "../../charts";
import type { LiveStudy } from "../../live/store";
import { type CurvePicture, curvePicture, valueRange, whereStudyEnded } from "../../model/curvePicture";
import { type CurveMetric, type MergedCurves, mergedCurves } from "../../model/curves";

const NONE: MergedCurves = new Map();
const NO_LEVELS: readonly CurveLevel[] = [];

/** The curves of a study as they are drawn: those that were stored, with what the feed has told since. */
export function useCurvePicture(id: string, study: LiveStudy | undefined, metric: CurveMetric) {
  const query = useCurves(id, metric, study !== undefined);
  const before = useRef<{ metric: CurveMetric; curves: MergedCurves }>({ metric, curves: NONE });
  const stored = query.data?.trials;
  const curves = useMemo(() => {
    if (!study) return NONE;
    const previous = before.current.metric === metric ? before.current.curves : NONE;
    const merged = mergedCurves(stored ?? [], study.curves, metric, previous);
    before.current = { metric, curves: merged };
    return merged;
  }, [stored, study, metric]);
  const picture = useMemo(() => {
    const trials = study?.trials.values() ?? [];
    const shown = study?.status === "running" ? trials : whereStudyEnded(trials);
    return curvePicture(shown, curves, metric, study?.best_trial_number ?? null);
  }, [study, curves, metric]);
  const baseline = metric === "val_accuracy" ? (study?.baseline ?? null) : null;
  const levels = useMemo(
    () => (baseline ? [{ value: baseline.val_accuracy, label: "baseline" }] : NO_LEVELS),
    [baseline],
  );
  const series = useMemo(() => seriesOf(picture), [picture]);
  const range = useMemo(() => {
    const found = valueRange(picture.drawn, metric);
    return baseline
      ? { ...found, low: Math.min(found.low, baseline.val_accuracy), high: Math.max(found.high, baseline.val_accuracy) }
      : found;
  }, [picture, metric, baseline]);
  return { query, picture, series, levels, range };
}

function seriesOf(picture: CurvePicture): CurveSeries[] {
  return picture.drawn.map((curve) => ({
    id: curve.number,
    label: `Trial ${curve.number}`,
    color: trialColor(curve.number),
    points: curve.points,
    faded: curve.faded,
    strong: curve.best,
    note: noteOf(curve),
  }));
}

function noteOf(curve: CurvePicture["drawn"][number]): string | undefined {
  if (curve.best) return "best";
  if (curve.status === "pruned") return curve.rung === null ? "stopped early" : `stopped early at rung ${curve.rung}`;
  return curve.status === "completed" ? undefined : curve.status === "running" ? "training" : curve.status;
}
