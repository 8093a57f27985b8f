import { useCallback, useMemo } from "react";
import { type Brushed, type Cell, type Dot, Scatter } from "../../charts/figure/Scatter";
import { type Axis, positionOf } from "../../model/analysis/axis";
import { partsOf } from "../../model/analysis/brush";
import { areaText, contourOf } from "../../model/analysis/contour";
import type { FigureTable } from "../../model/analysis/figureTable";
import { sampleOf, sampleText } from "../../model/analysis/sample";
import { ofNumbers } from "../../model/analysis/selection";
import { contourSentences, inSentence } from "../../model/analysis/sentences";
import { ticksOf } from "../../model/analysis/ticks";
import { plural } from "../../model/sentence";
import { codecs, useParam } from "../../state/url";
import { openTrial } from "../trials/trialHref";
import { AxisSelect } from "./AxisSelect";
import { FigurePanel } from "./FigurePanel";
import type { Analysis } from "./useAnalysis";
import { brush } from "./useSelection";
import { note, trialText } from "./words";

const MOST_DOTS = 300;
const PARAMETER = codecs.text();

/** A result over the plane of two hyperparameters. */
export function ContourPanel({ analysis }: { analysis: Analysis }) {
  const { parameters } = analysis;
  const [xKey, setX] = useParam("across", PARAMETER);
  const [yKey, setY] = useParam("up", PARAMETER);
  const x = parameters.find(({ key }) => key === xKey) ?? parameters.find(({ key }) => key !== yKey);
  const y =
    parameters.find(({ key }) => key === yKey && key !== x?.key) ?? parameters.find(({ key }) => key !== x?.key);
  if (x === undefined || y === undefined) return null;
  const controls = (
    <>
      <AxisSelect label="To the right" value={x} axes={parameters.filter((axis) => axis !== y)} onChange={setX} />
      <AxisSelect label="Upwards" value={y} axes={parameters.filter((axis) => axis !== x)} onChange={setY} />
    </>
  );
  return <Plane analysis={analysis} x={x} y={y} controls={controls} />;
}

interface PlaneProps {
  analysis: Analysis;
  x: Axis;
  y: Axis;
  controls: React.ReactNode;
}

function Plane({ analysis, x, y, controls }: PlaneProps) {
  const { id, chosen, result, score, lower } = analysis;
  const contour = useMemo(() => contourOf(chosen, x, y, result, lower), [chosen, x, y, result, lower]);
  const cells = useMemo(
    () =>
      contour.areas.map(({ column, row, mean, numbers, share }): Cell => {
        const where = `${inSentence(x.label)} ${areaText(x, column)}, ${inSentence(y.label)} ${areaText(y, row)}`;
        return {
          id: `${column} ${row}`,
          x0: column / contour.columns,
          x1: (column + 1) / contour.columns,
          y0: row / contour.rows,
          y1: (row + 1) / contour.rows,
          strength: share,
          label: result.write(mean),
          text: `${where}: mean ${inSentence(result.label)} ${result.write(mean)} of ${plural(numbers.length, "trial")}`,
        };
      }),
    [contour, x, y, result],
  );
  const sample = useMemo(() => sampleOf(contour.used, MOST_DOTS, score), [contour, score]);
  const dots = useMemo(
    () =>
      sample.drawn.flatMap((trial): Dot[] => {
        const [left, up] = [positionOf(x, x.of(trial)), positionOf(y, y.of(trial))];
        if (left === null || up === null) return [];
        const text = trialText(trial, [x, y, result]);
        return [{ id: trial.number, x: left, y: up, look: "full", radius: 2.5, color: "var(--main)", text }];
      }),
    [sample, x, y, result],
  );
  const axes = useMemo(
    () => ({ x: { label: x.label, ticks: ticksOf(x, 6) }, y: { label: y.label, ticks: ticksOf(y, 6) } }),
    [x, y],
  );
  const sentences = useMemo(() => contourSentences(contour, x, y, result), [contour, x, y, result]);
  const table = useCallback((): FigureTable => {
    const ordered = [...contour.areas].sort((one, other) => other.share - one.share);
    return {
      columns: [
        { key: x.key, label: x.label },
        { key: y.key, label: y.label },
        { key: `mean_${result.key}`, label: `Mean ${inSentence(result.label)}` },
        { key: "trials", label: "Trials" },
      ],
      rows: ordered.map(({ column, row, mean, numbers }) => {
        const [across, up] = [areaText(x, column), areaText(y, row)];
        return {
          key: `${column} ${row}`,
          raw: [across, up, mean, numbers.length],
          texts: [across, up, result.write(mean), String(numbers.length)],
        };
      }),
    };
  }, [contour, x, y, result]);
  const open = (spot: string | number) => {
    if (typeof spot === "number") return openTrial(spot);
    const area = contour.areas.find(({ column, row }) => `${column} ${row}` === spot);
    if (area) brush([["trial_number", ofNumbers(area.numbers).parts]]);
  };
  const onBrush = (brushed: Brushed) =>
    brush([
      [x.key, partsOf(x, brushed.x)],
      [y.key, partsOf(y, brushed.y)],
    ]);
  return (
    <FigurePanel
      id={id}
      title="Contour"
      question={`Which ${inSentence(x.label)} goes well with which ${inSentence(y.label)}?`}
      sentences={sentences}
      table={table}
      controls={controls}
      notes={[
        note("The stronger the colour of an area, the better the mean of its trials. Dots are trials. Drag to select."),
        note(sampleText(sample)),
      ]}
    >
      <Scatter
        title={`${result.label} by ${inSentence(x.label)} and ${inSentence(y.label)}`}
        keys="Arrow keys choose an area or a trial"
        {...axes}
        dots={dots}
        cells={cells}
        onOpen={open}
        openText="opens the trial, or selects the trials of the area"
        onBrush={onBrush}
      />
    </FigurePanel>
  );
}
