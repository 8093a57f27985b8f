export { Curves, EPOCHS } from "./Curves";
export { trialColor } from "./colors";
export { type ChartPoint, Points } from "./Points";
export { Sparkline } from "./Sparkline";
export type { CurveAxis, CurveId, CurveLevel, CurveSeries, CurvesProps } from "./types";
