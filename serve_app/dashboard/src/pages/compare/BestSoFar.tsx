import { useMemo } from "react";
import { useBestsOf } from "../../api/useStudies";
import { type CurveAxis, Curves, trialColor } from "../../charts";
import type { ComparedStudy } from "../../model/compare/studies";
import { bestSteps, type Over, stepsSentence } from "../../model/compare/studyCurves";
import { count, duration, percent, percentTick } from "../../model/format";
import { ErrorNote, Panel, type PanelState, Segmented } from "../../parts";
import { codecs, useParam } from "../../state/url";
import { useNow } from "../../state/useNow";

const OVER = codecs.choice(["time", "trials"] as const, "time");
const OPTIONS = [
  { value: "time" as const, label: "Time", name: "Over time" },
  { value: "trials" as const, label: "Trials", name: "Over trials" },
];
const Y: CurveAxis = {
  label: "Validation accuracy",
  format: (value) => percent(value),
  tick: percentTick,
  limits: [0, 1],
};
const X: Record<Over, CurveAxis> = {
  time: { label: "Time since the start", format: (value) => duration(value), low: 0, steps: "any", unit: "seconds" },
  trials: { label: "Trial", format: (value) => count(value), low: 0 },
};
/** A running study's line grows to the right this often. */
const GROWS_MS = 30_000;

/** How fast each study found its best network. */
export function BestSoFar({ studies }: { studies: readonly ComparedStudy[] }) {
  const [over, setOver] = useParam<Over>("over", OVER);
  const bests = useBestsOf(studies.map((study) => study.id));
  const now = useNow(GROWS_MS);
  const curves = useMemo(
    () =>
      studies.map((study, place) => {
        const { id, started_at, completed_at, progress } = study;
        const course = {
          id,
          started_at,
          completed_at,
          performed: progress.trials_performed,
          bests: bests.answers[place] ?? [],
        };
        return { id, steps: bestSteps(course, over, now) };
      }),
    [studies, bests.answers, over, now],
  );
  const series = useMemo(
    () =>
      curves.map(({ id, steps }, place) => ({
        id,
        label: id,
        color: trialColor(place + 1),
        points: steps,
        strong: true,
      })),
    [curves],
  );
  const fault = bests.errors.find((error) => error !== null) ?? null;
  const state: PanelState = bests.isPending
    ? { kind: "loading" }
    : curves.every(({ steps }) => steps.length === 0) && fault === null
      ? { kind: "empty", text: "None of these studies has a result yet." }
      : { kind: "ready" };
  return (
    <Panel
      title="Best so far"
      question="How fast did each study find its best network?"
      state={state}
      className="min-h-[420px]"
      actions={<Segmented label="Horizontal axis" value={over} options={OPTIONS} onChange={setOver} />}
    >
      {fault !== null && <ErrorNote error={fault} retry={bests.refetch} />}
      <p className="mb-2">{stepsSentence(curves, over)}</p>
      <Curves
        title={`Validation accuracy of the best trial so far, ${over === "time" ? "over time" : "over trials"}`}
        series={series}
        x={X[over]}
        y={Y}
      />
      <p className="mt-1 text-[12px] text-muted">
        {over === "time"
          ? "Time counts from the first start of a study, pauses included."
          : "Trials count in the order in which they were suggested."}
      </p>
    </Panel>
  );
}
