import { useCallback, useMemo } from "react";
import { Link } from "wouter";
import { Chart } from "./Chart";
import { ChartFoot } from "./ChartFoot";
import { axisBounds, movedAmongPoints, valueBounds } from "./geometry";
import type { Frame } from "./options";
import { MOST_ROWS } from "./table";
import type { CurveAxis, CurveId, CurvePoint, CurveSeries } from "./types";

export interface ChartPoint {
  id: number;
  x: number;
  y: number;
  color: string;
  /** Drawn boldly; the others are drawn lightly. */
  strong: boolean;
  /** The point in words. */
  text: string;
  /** Where it leads. */
  href: string;
  /** Its last cell in the table, such as "On the front". */
  note: string;
}

interface Props {
  /** Accessible name: "Validation accuracy by overall health". */
  title: string;
  points: readonly ChartPoint[];
  /** What the points are called in the table: "Trial". */
  name: string;
  x: CurveAxis;
  y: CurveAxis;
  /** Corners of a line under the points. */
  line?: readonly CurvePoint[];
  height?: number;
  /** The study, with which the names of saved files begin. */
  study?: string;
  highlighted?: number | null;
  onHighlight?: (id: CurveId | null) => void;
  onOpen?: (id: CurveId) => void;
  openText?: string;
}

/** Single points between two axes. Arrow keys step through them; the table below says the same, with links; a menu saves both. */
export function Points(props: Props) {
  const { title, study, points, name, x, y, height = 300 } = props;
  const series = useMemo<CurveSeries[]>(
    () =>
      points.map(({ id, x: left, y: up, color, strong, text }) => ({
        id,
        label: text,
        color,
        points: [[left, up]],
        strong,
        faded: !strong,
      })),
    [points],
  );
  const frame: Frame = useMemo(() => {
    const lefts = points.map((point) => point.x);
    const ups = points.map((point) => point.y);
    return { x, y, xBounds: axisBounds(lefts, x, 0.06), yBounds: valueBounds(ups, y) };
  }, [points, x, y]);
  const table = useCallback(() => tableOf({ points, name, x, y }), [points, name, x, y]);
  const svg = async () => {
    const named = series.map((one) => ({ ...one, label: `${name} ${one.id}` }));
    return (await import("./figure/chartFile")).chartSvg(title, {
      series: named,
      frame,
      line: props.line,
      named: true,
    });
  };
  return (
    <figure className="min-w-0">
      <Chart
        title={title}
        keys="Left and right, up and down choose a point"
        series={series}
        frame={frame}
        line={props.line}
        height={height}
        highlighted={props.highlighted}
        onHighlight={props.onHighlight}
        onOpen={props.onOpen}
        openText={props.openText}
        moved={movedAmongPoints}
        text={(place) => series.find((one) => one.id === place?.id)?.label ?? ""}
      />
      <ChartFoot
        title={title}
        study={study}
        table={table}
        svg={svg}
        csv={async () => (await import("./figure/chartFile")).pointsCsv(points, name, x, y)}
      />
    </figure>
  );
}

/** Those on the front first, as they lie from left to right. */
function tableOf({ points, name, x, y }: Pick<Props, "points" | "name" | "x" | "y">) {
  const ordered = [...points].sort((one, other) => Number(other.strong) - Number(one.strong) || one.x - other.x);
  const rows = ordered.slice(0, MOST_ROWS).map((point) => ({
    key: point.id,
    cells: [
      <Link key="link" href={point.href} className="focus-ring rounded text-accent underline underline-offset-2">
        {name} {point.id}
      </Link>,
      y.format(point.y),
      x.format(point.x),
      point.note,
    ],
  }));
  return { columns: [name, y.label, x.label, "Note"], rows, left: ordered.length - rows.length };
}
