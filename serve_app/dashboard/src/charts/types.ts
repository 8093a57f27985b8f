/** What a chart of curves shows. Values are finite numbers; a point that is not known is left out. */

export type CurveId = string | number;
export type CurvePoint = readonly [x: number, y: number];

export interface CurveSeries {
  id: CurveId;
  label: string;
  /** A hexadecimal colour that is readable on light and dark: see `trialColor`. */
  color: string;
  /** In the order of x. */
  points: readonly CurvePoint[];
  /** Drawn lightly: a trial that was stopped early. */
  faded?: boolean;
  /** Drawn boldly, above the others: the best trial. */
  strong?: boolean;
  dashed?: boolean;
  /** A marked point, such as the threshold it was compared with. */
  marker?: { x: number; y: number; text: string };
  /** What is said after the value of a point, such as "stopped early". */
  note?: string;
}

export interface CurveAxis {
  label: string;
  /** A value in words: "97.4 %". */
  format: (value: number) => string;
  /** A value on the axis, where steps of `step` are labelled; default: `format`. */
  tick?: (value: number, step: number) => string;
  /** Steps of the labels; default: any of a vertical axis, whole numbers of a horizontal one. */
  steps?: "any";
  /** What the values are counted in where they are written as plain numbers: "seconds". */
  unit?: string;
  /** What a value stands for where it is only a place in a list: the name of a study. */
  name?: (value: number) => string | undefined;
  /** Bounds of the axis; default: those of the values. */
  low?: number;
  high?: number;
  /** Bounds that come from the values do not go beyond these: [0, 1] for a share. */
  limits?: readonly [low: number, high: number];
}

/** A horizontal line, such as the baseline's accuracy. */
export interface CurveLevel {
  value: number;
  label: string;
}

export interface CurvesProps {
  /** Accessible name: "Validation accuracy by epoch". */
  title: string;
  series: readonly CurveSeries[];
  y: CurveAxis;
  /** Default: epochs, whole numbers from 1. */
  x?: CurveAxis;
  levels?: readonly CurveLevel[];
  height?: number;
  /** The study, with which the names of saved files begin; undefined: the chart has no single one. */
  study?: string;
  /** A curve that is emphasised from outside, as by a pointer on its row. */
  highlighted?: CurveId | null;
  onHighlight?: (id: CurveId | null) => void;
  /** Click, tap or Enter on a curve. */
  onOpen?: (id: CurveId) => void;
  /** What opening does: "opens the trial". */
  openText?: string;
}

/** A point of a curve: where the pointer or the arrow keys are. */
export interface Place {
  id: CurveId;
  /** Index in its points. */
  index: number;
}
