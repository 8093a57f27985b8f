/** The two lines of a data set's history. */
import { trialColor } from "../../charts";

export { type CurveAxis, type CurveSeries, Curves } from "../../charts";

export const SERIES = [
  { id: "validation" as const, label: "Best validation accuracy", color: trialColor(1), dashed: false },
  { id: "test" as const, label: "Test accuracy", color: trialColor(2), dashed: true },
];
