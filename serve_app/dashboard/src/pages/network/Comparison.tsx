import { useState } from "react";
import { count, loss, percent, wholePercent } from "../../model/format";
import type { DiffRow } from "../../model/networkDiff";
import { CHANGE_MARKS } from "../../network/changeMarks";
import type { LayerBox } from "../../network/types";
import { layerTitle } from "../../network/words";
import { Button } from "../../parts/Button";
import { Panel, type PanelState } from "../../parts/Panel";
import { scrollHint } from "../../state/scrollHint";
import type { TrialScores } from "./facts";
import type { Overlay } from "./overlay";

interface Compared extends TrialScores {
  trial_number: number;
}

interface Props {
  first: Compared;
  /** The trial that is laid over the first one; null: not known yet. */
  second: Compared | null;
  overlay: Overlay | null;
  state: PanelState | undefined;
  measuresHealth: boolean;
}

/** Two trials side by side: their scores, and the layers that differ. */
export function Comparison({ first, second, overlay, state, measuresHealth }: Props) {
  const [all, setAll] = useState(false);
  const rows = overlay?.rows ?? [];
  const shown = all ? rows : rows.filter(({ change }) => change !== null);
  const title = second === null ? "Difference" : `Trial ${second.trial_number} against trial ${first.trial_number}`;
  return (
    <Panel title={title} question="Which layers differ?" state={state}>
      {overlay !== null && second !== null && (
        <>
          <p>{overlay.sentence}</p>
          <section
            ref={scrollHint}
            // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must take focus, so that arrow keys scroll it
            tabIndex={0}
            aria-label="Table of the differences"
            className="scroll-hint focus-ring mt-2 overflow-x-auto"
          >
            <table className="w-full text-left text-[12px]">
              <thead className="text-muted">
                <tr>
                  {["", `Trial ${first.trial_number}`, `Trial ${second.trial_number}`].map((name) => (
                    <th key={name} scope="col" className="py-1 pr-3 font-medium">
                      {name === "" ? <span className="sr-only">What</span> : name}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {scoreRows(first, second, measuresHealth).map(([name, one, other]) => (
                  <Row key={name} head={name} cells={[one, other]} />
                ))}
                {shown.map((row, place) => (
                  <Row
                    key={place}
                    head={headOf(row)}
                    cells={[cell(row.before), cell(row.after)]}
                    note={row.differences}
                  />
                ))}
              </tbody>
            </table>
          </section>
          {shown.length < rows.length || all ? (
            <Button size="small" kind="ghost" className="mt-2" aria-pressed={all} onClick={() => setAll(!all)}>
              {all ? "Show differing layers only" : "Show all layers"}
            </Button>
          ) : null}
        </>
      )}
    </Panel>
  );
}

function Row({ head, cells, note = [] }: { head: string; cells: readonly string[]; note?: readonly string[] }) {
  return (
    <tr className="border-t border-line align-top">
      <th scope="row" className="py-1 pr-3 font-normal text-muted">
        {head}
      </th>
      {cells.map((text, place) => (
        <td key={place} className="py-1 pr-3">
          {text}
          {place === 1 && note.length > 0 && <span className="block text-muted">{note.join(", ")}</span>}
        </td>
      ))}
    </tr>
  );
}

const headOf = ({ change }: DiffRow<LayerBox>): string =>
  change === null ? "same" : `${CHANGE_MARKS[change]} ${change}`;
const cell = (layer: LayerBox | null): string =>
  layer === null ? "–" : `${layerTitle(layer)}${layer.layer_id === undefined ? "" : ` (${layer.layer_id})`}`;

function scoreRows(first: Compared, second: Compared, measuresHealth: boolean): [string, string, string][] {
  const of = (name: string, write: (trial: Compared) => string): [string, string, string] => [
    name,
    write(first),
    write(second),
  ];
  const rows = [
    of("Total score", ({ performance }) => percent(performance?.total_score)),
    of("Accuracy", ({ performance }) => percent(performance?.accuracy)),
    of("Loss", ({ performance }) => loss(performance?.loss)),
    of("Parameters", ({ architecture }) => count(architecture?.total_parameters)),
  ];
  if (measuresHealth)
    rows.push(of("Overall health", ({ health_metrics: health }) => wholePercent(health?.overall_health)));
  return rows;
}
