import { useCallback, useMemo } from "react";
import { useCurves } from "../../api/useCurves";
import { useJob } from "../../api/useJob";
import { type Dot, Scatter } from "../../charts/figure/Scatter";
import { type Axis, positionOf, valueScale } from "../../model/analysis/axis";
import { rungPlace, rungSentences } from "../../model/analysis/courseSentences";
import type { FigureTable } from "../../model/analysis/figureTable";
import { type RungSummary, rungsOf } from "../../model/analysis/rungs";
import { ticksOf } from "../../model/analysis/ticks";
import { mergedCurves } from "../../model/curves";
import { count, NA } from "../../model/format";
import { objectiveName, objectiveText } from "../../model/objectiveWords";
import { capital } from "../../model/sentence";
import { monitored } from "../../model/trialStory";
import { openTrial } from "../trials/trialHref";
import { FigurePanel } from "./FigurePanel";
import type { Analysis } from "./useAnalysis";
import { note, trialColor } from "./words";

/** Most trials of one rung that are drawn. */
const MOST_DOTS = 200;
const NO_STORED: never[] = [];

/** Where the scheduler compared trials, and which ones it stopped. */
export function RungsPanel({ analysis }: { analysis: Analysis }) {
  const { id, study, trials, isSelected, selection } = analysis;
  const job = useJob(id).data;
  const metric = monitored(study.objectives);
  const stored = useCurves(id, "objective", true).data?.trials ?? NO_STORED;
  const told = study.curves;
  const curves = useMemo(() => mergedCurves(stored, told, "objective"), [stored, told]);
  const shown = useMemo(
    () => (selection.length > 0 ? trials.filter(isSelected) : trials),
    [trials, isSelected, selection],
  );
  const known = job?.rungs ?? null;
  const rungs = useMemo(() => rungsOf(shown, known, curves), [shown, known, curves]);
  const axis = useMemo(() => valueAxis(rungs, metric), [rungs, metric]);
  const { dots, levels, left } = useMemo(() => pictureOf(rungs, axis, metric), [rungs, axis, metric]);
  const axes = useMemo(
    () => ({
      x: {
        label: rungs[0]?.at == null ? "Comparison" : `Comparison after${rungs[0].unit === "epoch" ? " epoch" : ""}`,
        ticks: rungs.map((rung, place) => ({
          at: (place + 0.5) / rungs.length,
          text: rungPlace(rung).replace(/^after (epoch )?/, ""),
        })),
      },
      y: { label: capital(objectiveName(metric)), ticks: ticksOf(axis, 6) },
    }),
    [rungs, axis, metric],
  );
  const table = useCallback(() => tableOf(rungs, metric), [rungs, metric]);
  const unknown = rungs.some(({ entries }) => entries.some(({ known: there }) => !there));
  const scheduler = job?.spec?.scheduler ?? "none";
  const stopped = trials.some(({ stopped_by }) => stopped_by !== null);
  if (rungs.length === 0) {
    const text =
      scheduler === "none"
        ? "This study has no scheduler: every trial trains until it stops improving. Set one when you start a study, such as scheduler=asha."
        : stopped
          ? "The scheduler has stopped no selected trial at a rung."
          : "The scheduler has compared no trials yet.";
    return (
      <FigurePanel
        {...words(id)}
        sentences={[]}
        table={table}
        state={job ? { kind: "empty", text } : { kind: "loading" }}
      >
        {null}
      </FigurePanel>
    );
  }
  return (
    <FigurePanel
      {...words(id)}
      sentences={rungSentences(id, rungs, scheduler, shown.length, metric)}
      table={table}
      notes={[
        note(
          "At a rung, rings were stopped and faint dots trained on. Dashed lines are the thresholds of those that were stopped.",
        ),
        note(
          unknown
            ? `The ${objectiveName(metric)} at a rung is not known for trials that trained on: their dots show the one after their last epoch.`
            : null,
        ),
        note(
          left > 0 ? `${count(left)} more dots are left out: at most ${MOST_DOTS} are drawn at each comparison.` : null,
        ),
      ]}
    >
      <Scatter
        title={`${capital(objectiveName(metric))} where the scheduler compared trials`}
        keys="Arrow keys choose a trial"
        {...axes}
        dots={dots}
        levels={levels}
        onOpen={(place) => openTrial(Number(place) % BASE)}
        openText="opens the trial"
      />
    </FigurePanel>
  );
}

const words = (id: string) => ({
  id,
  title: "Rungs",
  question: "Where were trials stopped early, and by which threshold?",
});

/** A trial has a dot at each rung: the dot's number is `rung * BASE + trial`. */
const BASE = 10_000_000;

function valueAxis(rungs: readonly RungSummary[], metric: string): Axis {
  const values = rungs.flatMap(({ entries, cutoffs }) => [...entries.map(({ value }) => value), ...(cutoffs ?? [])]);
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) [low, high] = [Math.min(low, value), Math.max(high, value)];
  if (low > high) [low, high] = [0, 1];
  const write: Axis["write"] = (value) => objectiveText(metric, Number(value));
  return { key: metric, label: metric, of: () => null, write, scale: valueScale(low, high) };
}

function pictureOf(rungs: readonly RungSummary[], axis: Axis, metric: string) {
  const dots: Dot[] = [];
  const levels: { x0: number; x1: number; y: number }[] = [];
  let left = 0;
  rungs.forEach((rung, place) => {
    const entries = rung.entries.slice(0, MOST_DOTS);
    left += rung.entries.length - entries.length;
    entries.forEach(({ number, value, known, stopped }, at) => {
      const y = positionOf(axis, value);
      if (y === null) return;
      // Side by side, so that equal values do not hide each other.
      const x = (place + 0.25 + (0.5 * (at + 0.5)) / entries.length) / rungs.length;
      const what = stopped ? "stopped" : known ? "trained on" : "trained on, its last value";
      const text = `Trial ${number}, ${rungPlace(rung)}: ${objectiveText(metric, value)}, ${what}`;
      dots.push({
        id: rung.rung * BASE + number,
        x,
        y,
        color: trialColor(number),
        look: stopped ? "ring" : "faint",
        text,
      });
    });
    for (const cutoff of new Set(rung.cutoffs ?? [])) {
      const y = positionOf(axis, cutoff);
      if (y !== null) levels.push({ x0: (place + 0.15) / rungs.length, x1: (place + 0.85) / rungs.length, y });
    }
  });
  return { dots, levels, left };
}

function tableOf(rungs: readonly RungSummary[], metric: string): FigureTable {
  return {
    columns: [
      { key: "rung", label: "Rung" },
      { key: "at", label: "Compared" },
      { key: "reached", label: "Trials there" },
      { key: "stopped", label: "Stopped" },
      { key: "lowest_threshold", label: "Lowest threshold" },
      { key: "highest_threshold", label: "Highest threshold" },
    ],
    rows: rungs.map((rung) => {
      const [low = null, high = null] = rung.cutoffs ?? [];
      const text = (value: number | null) => (value === null ? NA : objectiveText(metric, value));
      return {
        key: rung.rung,
        raw: [rung.rung, rung.at, rung.reached, rung.stopped.length, low, high],
        texts: [
          String(rung.rung),
          rungPlace(rung),
          count(rung.reached),
          count(rung.stopped.length),
          text(low),
          text(high),
        ],
      };
    }),
  };
}
