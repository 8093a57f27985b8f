import { useCallback, useMemo } from "react";
import { Chart } from "./Chart";
import { ChartFoot } from "./ChartFoot";
import { pointText } from "./CurveReadout";
import { moved, xBounds, yBounds } from "./geometry";
import type { Frame } from "./options";
import { curveTable } from "./table";
import type { CurveAxis, CurveLevel, CurvesProps } from "./types";

export const EPOCHS: CurveAxis = { label: "Epoch", format: String, low: 1 };
const NONE: readonly CurveLevel[] = [];

/**
 * Curves over epochs. The pointer or the arrow keys choose a curve and a point; a click, a second tap or Enter opens it.
 * A table below says the same; a menu saves both. The page says in a sentence what the curves show.
 */
export function Curves(props: CurvesProps) {
  const { title, study, series, y, x = EPOCHS, levels = NONE, height = 280 } = props;
  const frame: Frame = useMemo(
    () => ({ x, y, xBounds: xBounds(series, x), yBounds: yBounds(series, y, levels) }),
    [series, x, y, levels],
  );
  const table = useCallback(() => curveTable(series, x, y), [series, x, y]);
  return (
    <figure className="min-w-0">
      <Chart
        title={title}
        keys="Up and down choose a curve, left and right a point"
        series={series}
        frame={frame}
        levels={levels}
        height={height}
        highlighted={props.highlighted}
        onHighlight={props.onHighlight}
        onOpen={props.onOpen}
        openText={props.openText}
        moved={moved}
        text={(place) => pointText(series, x, y, place)}
      />
      <ChartFoot
        title={title}
        study={study}
        table={table}
        svg={async () => (await import("./figure/chartFile")).chartSvg(title, { series, frame, levels })}
        csv={async () => (await import("./figure/chartFile")).curvesCsv(series, x, y)}
      />
    </figure>
  );
}
