import { sparkPath } from "./sparkPath";

interface Props {
  /** In order; those that are not known are left out. */
  values: readonly (number | null)[];
  /** What it shows, in words, for those who do not see it: "Best accuracy so far: from 91.0 % to 97.4 %". */
  title: string;
  width?: number;
  height?: number;
  color?: string;
  className?: string;
}

/** A line without axes. One value is a dot; without values it is an empty space of the same size. */
export function Sparkline({ values, title, width = 96, height = 24, color = "var(--accent)", className = "" }: Props) {
  const { path, end } = sparkPath(values, width, height);
  return (
    <svg
      role="img"
      aria-label={title}
      viewBox={`0 0 ${width} ${height}`}
      width={width}
      height={height}
      className={`shrink-0 ${className}`}
    >
      {path !== "" && (
        <path d={path} fill="none" stroke={color} strokeWidth={1.5} strokeLinejoin="round" strokeLinecap="round" />
      )}
      {end !== null && <circle cx={end.x} cy={end.y} r={2} fill={color} />}
    </svg>
  );
}
