import { useCallback } from "react";
import { cut, SIGN } from "../../charts/figure/axes";
import { FigureBox, type FigureSize } from "../../charts/figure/FigureBox";
import type { Spot } from "../../charts/figure/spots";
import type { Problem } from "../../model/analysis/problems";
import { count } from "../../model/format";
import { plural } from "../../model/sentence";

const ROW = 26;

interface Props {
  problems: readonly Problem[];
  onOpen: (problem: Problem) => void;
}

/** A bar for each problem: how many trials have it. */
export function ProblemsFigure({ problems, onOpen }: Props) {
  const draw = useCallback(
    ({ width }: FigureSize) => {
      const room = Math.min(width * 0.45, Math.max(...problems.map(({ name }) => name.length * SIGN)) + 10);
      const most = Math.max(1, ...problems.map(({ trials }) => trials.length));
      const bars = problems.map((problem, row) => ({
        problem,
        x: room,
        y: row * ROW + 4,
        width: Math.max(2, ((width - room - 46) * problem.trials.length) / most),
        height: ROW - 8,
      }));
      const spots: Spot[] = bars.map(({ problem, ...box }) => ({
        id: problem.key,
        text: `${problem.name}: ${plural(problem.trials.length, "trial")}`,
        ...box,
      }));
      const drawing = bars.map(({ problem, ...box }) => (
        <g key={problem.key}>
          <text x={2} y={box.y + 13} fill="var(--main)">
            {cut(problem.name, room - 8)}
          </text>
          <rect {...box} rx={3} fill={problem.tone === "bad" ? "var(--bad)" : "var(--warn)"} fillOpacity={0.75} />
          <text x={box.x + box.width + 6} y={box.y + 13} fill="var(--main)">
            {count(problem.trials.length)}
          </text>
        </g>
      ));
      return { drawing: <>{drawing}</>, spots };
    },
    [problems],
  );
  return (
    <FigureBox
      title="Trials with each problem"
      keys="Up and down choose a problem"
      height={problems.length * ROW + 4}
      draw={draw}
      onOpen={(key) => {
        const problem = problems.find((one) => one.key === key);
        if (problem) onOpen(problem);
      }}
      openText="selects its trials"
    />
  );
}
