import { useCallback, useMemo } from "react";
import { timelineSentences } from "../../model/analysis/courseSentences";
import type { FigureTable } from "../../model/analysis/figureTable";
import { span } from "../../model/analysis/sentences";
import { timelineOf } from "../../model/analysis/timeline";
import { time } from "../../model/format";
import { plural } from "../../model/sentence";
import { statusWords } from "../../model/trialWords";
import { hasEnded } from "../../model/verdict";
import { useNow } from "../../state/useNow";
import { FigurePanel } from "./FigurePanel";
import { TimelineFigure } from "./TimelineFigure";
import type { Analysis } from "./useAnalysis";
import { note } from "./words";

const EVERY_MS = 5_000;
/** More workers make a figure that nobody can read. */
const MOST_LANES = 16;

/** Which trial trained when and where, and when workers were idle. */
export function TimelinePanel({ analysis }: { analysis: Analysis }) {
  const { id, study, trials, isSelected } = analysis;
  const runs = !hasEnded(study.status) && study.progress.running_trials > 0;
  const now = useNow(EVERY_MS, runs);
  const ended = Date.parse(study.completed_at ?? "");
  const end = runs || !Number.isFinite(ended) ? now : ended;
  const line = useMemo(() => timelineOf(trials, end), [trials, end]);
  const byNumber = useMemo(() => new Map(trials.map((trial) => [trial.number, trial])), [trials]);
  const drawn = useMemo(() => ({ ...line, lanes: line.lanes.slice(0, MOST_LANES) }), [line]);
  const hidden = line.lanes.length - drawn.lanes.length;
  const selected = useCallback(
    (number: number) => {
      const trial = byNumber.get(number);
      return trial !== undefined && isSelected(trial);
    },
    [byNumber, isSelected],
  );
  const table = useCallback((): FigureTable => {
    const rows = line.lanes.flatMap((lane, place) =>
      lane.spans
        .filter(({ number }) => selected(number))
        .map((one) => {
          const [from, to] = [new Date(one.from).toISOString(), new Date(one.to).toISOString()];
          const node = lane.node ?? "not recorded";
          return {
            key: one.number,
            raw: [one.number, one.status, place + 1, lane.node, from, to, (one.to - one.from) / 1000],
            texts: [
              `Trial ${one.number}`,
              statusWords(one.status),
              String(place + 1),
              node,
              time(from),
              time(to),
              span(one.to - one.from),
            ],
          };
        }),
    );
    return {
      columns: [
        { key: "trial_number", label: "Trial" },
        { key: "status", label: "Status" },
        { key: "row", label: "Row" },
        { key: "node", label: "Machine" },
        { key: "started_at", label: "Started" },
        { key: "ended_at", label: "Ended" },
        { key: "seconds", label: "Duration" },
      ],
      rows,
    };
  }, [line, selected]);
  return (
    <FigurePanel
      id={id}
      title="Timeline"
      question="When did which worker train, and when was it idle?"
      sentences={timelineSentences(id, line)}
      table={table}
      state={line.lanes.length === 0 ? { kind: "empty", text: "No trial has started." } : undefined}
      notes={[
        note("Dotted stretches are idle times. Light bars with an edge are trials that were stopped early or failed."),
        note(
          hidden > 0 ? `The first ${MOST_LANES} of ${line.lanes.length} workers are drawn; the table has all.` : null,
        ),
        note(line.missing > 0 ? `${plural(line.missing, "trial")} never started on a worker.` : null),
      ]}
    >
      <TimelineFigure
        title={`Trials of ${plural(line.lanes.length, "worker")} over time`}
        line={drawn}
        isSelected={selected}
      />
    </FigurePanel>
  );
}
