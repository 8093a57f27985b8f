import { useState } from "react";
import type { DatasetDetail } from "../../api/useDatasets";
import { balanceSentence, type ClassOrder, type ClassRow, classRows, ORDERS } from "../../model/data/classCounts";
import { count } from "../../model/format";
import { Button, Panel, Select } from "../../parts";
import { scrollHint } from "../../state/scrollHint";
import { codecs, useParam } from "../../state/url";

const ORDER = codecs.choice(ORDERS, "outputs");
const ORDER_WORDS: Readonly<Record<ClassOrder, string>> = {
  outputs: "In the data's order",
  largest: "Largest first",
  smallest: "Smallest first",
};
/** Classes that are shown before a person asks for all. */
const FIRST = 12;
const HEAD = "px-2 py-1 font-medium";
const CELL = "px-2 py-1.5 text-right";

/** How many samples each class has: a sentence, then a bar and the numbers for each class. */
export function ClassPanel({ report }: { report: DatasetDetail["report"] }) {
  const [order, setOrder] = useParam("order", ORDER);
  const [all, setAll] = useState(false);
  if (report === null) {
    return (
      <Panel
        title="Classes"
        state={{
          kind: "empty",
          text: "These data are not read yet: the first search on them downloads and counts them.",
        }}
      />
    );
  }
  const rows = classRows(report.classes, order);
  const shown = all ? rows : rows.slice(0, FIRST);
  return (
    <Panel
      title="Classes"
      question="How many samples does each class have?"
      actions={
        <Select
          aria-label="Order of the classes"
          value={order}
          onChange={setOrder}
          options={ORDERS.map((value) => ({ value, label: ORDER_WORDS[value] }))}
        />
      }
    >
      <p className="mb-3">{balanceSentence(report.classes)}</p>
      <section
        ref={scrollHint}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must take focus, so that arrow keys scroll it
        tabIndex={0}
        aria-label="Samples of each class"
        className="scroll-hint focus-ring max-h-[32rem] overflow-auto"
      >
        <table className="w-full text-[13px]">
          <thead className="sticky top-0 bg-surface text-muted">
            <tr>
              <th scope="col" className={`${HEAD} w-1/2 text-left`}>
                Class
              </th>
              {["All", "Training", "Validation", "Test"].map((column) => (
                <th key={column} scope="col" className={`${HEAD} text-right`}>
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((row) => (
              <Row key={row.label} row={row} />
            ))}
          </tbody>
        </table>
      </section>
      {rows.length > FIRST && (
        <Button size="small" className="mt-2" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? `Show the first ${FIRST}` : `Show all ${count(rows.length)} classes`}
        </Button>
      )}
    </Panel>
  );
}

function Row({ row }: { row: ClassRow }) {
  return (
    <tr className="border-t border-line">
      <th scope="row" className="px-2 py-1.5 text-left font-normal">
        <span className="break-all">{row.label}</span>
        <div aria-hidden="true" className="mt-1 h-1.5 overflow-hidden rounded-full bg-sunken">
          <div className="h-full origin-left rounded-full bg-accent" style={{ transform: `scaleX(${row.share})` }} />
        </div>
      </th>
      <td className={`${CELL} font-medium`}>{count(row.total)}</td>
      <td className={CELL}>{count(row.train)}</td>
      <td className={CELL}>{count(row.validation)}</td>
      <td className={CELL}>{count(row.test)}</td>
    </tr>
  );
}
