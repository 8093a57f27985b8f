import { type ReactNode, useCallback, useRef } from "react";
import { ChartFoot } from "../../charts/ChartFoot";
import { type FigureTable, figureCsv, MOST_ROWS } from "../../model/analysis/figureTable";
import type { Sentence } from "../../model/sentence";
import { Panel, type PanelState } from "../../parts";
import { Words } from "../live/Words";

interface Props {
  /** Study, for the names of the files. */
  id: string;
  title: string;
  question: string;
  /** What the figure shows, in words. */
  sentences: readonly Sentence[];
  /** What is not drawn, and why. */
  notes?: readonly (Sentence | null)[];
  /** Choices of what is drawn. */
  controls?: ReactNode;
  table: () => FigureTable;
  state?: PanelState;
  className?: string;
  /** The figure. */
  children: ReactNode;
}

/** A question, its answer as a sentence, the figure, and the same as a table; all of it can be saved. */
export function FigurePanel(props: Props) {
  const { title, question, sentences, notes = [], table, state } = props;
  const box = useRef<HTMLDivElement>(null);
  const rows = useCallback(() => shown(table()), [table]);
  const svg = async () => {
    const drawn = box.current?.querySelector<SVGSVGElement>("svg[data-figure]");
    if (!drawn) throw new Error("Nothing is drawn yet.");
    return (await import("../../charts/figure/figureFile")).figureSvg(drawn, title);
  };
  return (
    <Panel title={title} question={question} state={state} className={props.className}>
      <p className="mb-2 max-w-prose">
        {sentences.map((sentence, place) => (
          <span key={place}>
            <Words of={sentence} />{" "}
          </span>
        ))}
      </p>
      {props.controls !== undefined && (
        <div className="mb-2 flex min-w-0 flex-wrap items-center gap-x-4 gap-y-2">{props.controls}</div>
      )}
      <figure ref={box} className="min-w-0">
        {props.children}
        <ChartFoot title={title} study={props.id} table={rows} svg={svg} csv={async () => figureCsv(table())} />
      </figure>
      {notes.map(
        (note, place) =>
          note !== null && (
            <p key={place} className="mt-1 text-[12px] text-muted">
              <Words of={note} />
            </p>
          ),
      )}
    </Panel>
  );
}

function shown({ columns, rows }: FigureTable) {
  return {
    columns: columns.map(({ label }) => label),
    rows: rows.slice(0, MOST_ROWS).map(({ key, texts }) => ({ key, cells: texts })),
    left: Math.max(0, rows.length - MOST_ROWS),
  };
}
