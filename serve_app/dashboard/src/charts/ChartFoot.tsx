import { type ReactNode, useMemo, useState } from "react";
import { scrollHint } from "../state/scrollHint";
import { type Saved, SaveMenu } from "./SaveMenu";

interface Table {
  columns: readonly string[];
  rows: readonly { key: string | number; cells: readonly ReactNode[] }[];
  /** Rows that are left out of a very long table. */
  left: number;
}

interface Props {
  title: string;
  make: () => Table;
}

/** Below a chart: its table, and the menu that saves it. */
export function ChartFoot({ table, ...saved }: Saved & { table: () => Table }) {
  return (
    <div className="mt-2 flex flex-wrap items-start gap-x-4 gap-y-1 text-[12px]">
      <ChartTable title={saved.title} make={table} />
      <SaveMenu {...saved} />
    </div>
  );
}

/** The same as a table, for those who do not see the chart or want the numbers. It is made when it is opened. */
function ChartTable(props: Props) {
  const [open, setOpen] = useState(false);
  return (
    <details className="min-w-0 open:basis-full" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="focus-ring w-fit cursor-pointer rounded text-muted hover:text-main">Show as a table</summary>
      {open && <Rows {...props} />}
    </details>
  );
}

function Rows({ title, make }: Props) {
  const table = useMemo(() => make(), [make]);
  return (
    <section
      ref={scrollHint}
      className="scroll-hint focus-ring mt-2 max-h-72 overflow-auto rounded-button border border-line"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a part that scrolls must take the focus
      tabIndex={0}
      aria-label={`${title}, table`}
    >
      <table className="w-full border-collapse text-right">
        <thead className="sticky top-0 bg-surface text-muted">
          <tr>
            {table.columns.map((column, place) => (
              <th
                key={place}
                scope="col"
                className="border-b border-line px-2 py-1 font-medium whitespace-nowrap first:text-left"
              >
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.map((row) => (
            <tr key={row.key} className="border-b border-line last:border-0">
              {row.cells.map((cell, place) => (
                <td key={place} className="px-2 py-1 whitespace-nowrap first:text-left">
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {table.left > 0 && <p className="px-2 py-1 text-muted">{table.left} more rows are left out.</p>}
    </section>
  );
}
