import { useCallback, useMemo } from "react";
import { type ImportanceMetric, useImportances } from "../../api/useImportances";
import type { FigureTable } from "../../model/analysis/figureTable";
import { ENOUGH, importanceMap, whyText } from "../../model/analysis/importanceMap";
import { PREFIX } from "../../model/analysis/selection";
import { importanceSentences } from "../../model/analysis/sentences";
import { decidedLater } from "../../model/decided";
import { count, percent } from "../../model/format";
import { objectiveName } from "../../model/objectiveWords";
import { capital, plural, words } from "../../model/sentence";
import { hasEnded } from "../../model/verdict";
import { Button, type PanelState, panelState } from "../../parts";
import { writeParams } from "../../state/url";
import { FigurePanel } from "./FigurePanel";
import { ImportanceFigure } from "./ImportanceFigure";
import type { Analysis } from "./useAnalysis";
import { note } from "./words";

const MOST_ROWS = 12;
const ALWAYS: readonly ImportanceMetric[] = ["val_accuracy", "val_loss", "parameter_count", "training_time"];
const HEALTH: readonly ImportanceMetric[] = ["total_score", "overall_health"];

/** How much each hyperparameter decided of each result. */
export function ImportancePanel({ analysis }: { analysis: Analysis }) {
  const { id, study, ended, enough, health } = analysis;
  const metrics = useMemo(() => {
    const wanted = [
      ...(study.objectives as ImportanceMetric[]),
      ...ALWAYS.slice(0, 2),
      ...(health ? HEALTH : []),
      ...ALWAYS.slice(2),
    ];
    return [...new Set(wanted)];
  }, [study.objectives, health]);
  const queries = useImportances(id, metrics, enough);
  const answers = queries.map(({ data }) => data);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the answers are the same while each of them is
  const map = useMemo(
    () =>
      importanceMap(
        ended,
        metrics.map((metric, place) => ({ metric, answer: answers[place] })),
      ),
    [ended, metrics, ...answers],
  );
  const shown = useMemo(() => map.parameters.slice(0, MOST_ROWS), [map]);
  const table = useCallback((): FigureTable => {
    const rows = map.cells.map((cell) => ({
      key: `${cell.parameter} ${cell.metric}`,
      raw: [cell.parameter, cell.metric, cell.share, cell.count],
      texts: [
        capital(words(cell.parameter)),
        capital(objectiveName(cell.metric)),
        cell.share === null ? whyText(cell) : percent(cell.share, 0),
        count(cell.count),
      ],
    }));
    return {
      columns: [
        { key: "hyperparameter", label: "Hyperparameter" },
        { key: "result", label: "Result" },
        { key: "importance", label: "Importance" },
        { key: "trials", label: "Trials" },
      ],
      rows,
    };
  }, [map]);
  const gave = study.progress.completed_trials + study.progress.pruned_trials;
  const used = answers[0]?.trials_used ?? gave;
  const outdated = !hasEnded(study.status) && gave > used && queries.every(({ data }) => data !== undefined);
  const left = map.parameters.length - shown.length;
  return (
    <FigurePanel
      id={id}
      title="Importance"
      question="Which hyperparameters mattered, and for which result?"
      sentences={importanceSentences(map, enough)}
      table={table}
      state={stateOf()}
      controls={
        outdated && (
          <Button size="small" onClick={() => queries.forEach((query) => void query.refetch())}>
            Update with {plural(gave - used, "newer trial")}
          </Button>
        )
      }
      notes={[
        note(
          `Judged by all trials that completed, were stopped early or diverged; a selection does not change it. n is the number of trials with the hyperparameter; below ${ENOUGH} it says “too few”.`,
        ),
        note(
          left > 0 ? `The ${MOST_ROWS} most important hyperparameters are drawn; the table has ${left} more.` : null,
        ),
      ]}
    >
      <ImportanceFigure
        map={map}
        parameters={shown}
        onOpen={(parameter) => {
          writeParams({ slice: PREFIX + parameter }, { push: true });
          document.querySelector("[data-panel=slice]")?.scrollIntoView({ behavior: "smooth", block: "center" });
        }}
      />
    </FigurePanel>
  );

  function stateOf(): PanelState | undefined {
    if (!enough) {
      return { kind: "empty", text: decidedLater(gave, study.progress.total_trials, hasEnded(study.status)) };
    }
    if (map.parameters.length > 0) {
      const failed = queries.filter(({ isError }) => isError).length;
      if (failed > 0) return { kind: "partial", text: `${plural(failed, "column")} cannot be loaded.` };
      return undefined;
    }
    const [first] = queries;
    if (first === undefined || queries.some(({ isPending }) => isPending)) return { kind: "loading" };
    if (first.data?.importance === null) {
      return { kind: "empty", text: `It cannot be told: ${first.data.reason ?? "no reason is known"}.` };
    }
    return panelState(first);
  }
}
