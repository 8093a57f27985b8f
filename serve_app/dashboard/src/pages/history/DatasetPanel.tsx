import { memo, useMemo } from "react";
import { exactTime, percent, percentTick } from "../../model/format";
import { accuracyPoints, type DatasetHistory, historySentence } from "../../model/history/history";
import { Panel } from "../../parts";
import { Words } from "../live/Words";
import { type CurveAxis, type CurveSeries, Curves, SERIES } from "./chart";
import { StudiesTable } from "./StudiesTable";

const Y: CurveAxis = {
  label: "Accuracy",
  format: (value) => percent(value),
  tick: percentTick,
  limits: [0, 1],
};

interface Props {
  history: DatasetHistory;
  /** Names of the studies that are chosen for comparing. */
  chosen: readonly string[];
}

/** The studies of one data set: did they become better over time? */
export const DatasetPanel = memo(function DatasetPanel({ history, chosen }: Props) {
  const { dataset, studies } = history;
  const series = useMemo(
    () =>
      SERIES.map((one): CurveSeries => ({ ...one, points: accuracyPoints(studies, one.id), strong: true })).filter(
        ({ points }) => points.length > 0,
      ),
    [studies],
  );
  const x: CurveAxis = useMemo(
    () => ({
      label: "Study",
      low: 1,
      high: Math.max(2, studies.length),
      format: (place) => {
        const study = studies[place - 1];
        return study === undefined ? String(place) : `${study.id} (${exactTime(study.created_at)})`;
      },
      tick: String,
      name: (place) => studies[place - 1]?.id,
    }),
    [studies],
  );
  const drawn = series.some(({ points }) => points.length > 1);
  return (
    <Panel title={dataset} question="Did the studies of this data set become better?">
      <p className="mb-2">
        <Words of={historySentence(history)} />
      </p>
      {drawn && (
        <>
          <Curves
            title={`Accuracy of the studies of ${dataset}, in the order of their start`}
            series={series}
            x={x}
            y={Y}
            height={200}
          />
          <p className="mt-1 mb-3 text-[12px] text-muted">
            Solid: best validation accuracy. Dashed: test accuracy. Studies are in the order of their start.
          </p>
        </>
      )}
      <StudiesTable dataset={dataset} studies={studies} chosen={chosen} />
    </Panel>
  );
});
