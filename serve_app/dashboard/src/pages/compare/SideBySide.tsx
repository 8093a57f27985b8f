import { Download } from "lucide-react";
import { Fragment } from "react";
import { csvText } from "../../model/compare/csv";
import { type CompareRow, GROUPS } from "../../model/compare/trialRows";
import { plural } from "../../model/sentence";
import { Button, Panel } from "../../parts";
import { saveFile } from "../../parts/saveFile";
import { scrollHint } from "../../state/scrollHint";
import { codecs, useParam } from "../../state/url";

interface Row extends Omit<CompareRow, "group"> {
  group: string;
}

interface Props {
  title: string;
  question: string;
  /** Heads of the columns: "Trial 3". */
  heads: readonly string[];
  rows: readonly Row[];
  groups?: readonly string[];
  /** Name of the saved file, without its ending. */
  file: string;
}

const ALL = codecs.flag();

/** What is compared as a table: only the rows that differ, or all of them. */
export function SideBySide({ title, question, heads, rows, groups = GROUPS, file }: Props) {
  const [all, setAll] = useParam("all", ALL);
  const differing = rows.filter((row) => row.differs);
  const shown = all ? rows : differing;
  const save = () =>
    saveFile(`${file}.csv`, csvText([["", ...heads], ...shown.map((row) => [row.label, ...row.cells])]));
  return (
    <Panel
      title={title}
      question={question}
      actions={
        <>
          <label className="flex h-9 items-center gap-2">
            <input
              type="checkbox"
              checked={all}
              onChange={(event) => setAll(event.target.checked)}
              className="size-4 accent-[var(--accent)]"
            />
            Equal rows too
          </label>
          <Button size="small" disabled={shown.length === 0} onClick={save}>
            <Download aria-hidden="true" className="size-3.5" />
            CSV
          </Button>
        </>
      }
    >
      <p aria-live="polite" className="mb-2 text-muted">
        {plural(differing.length, "row")} of {rows.length} {differing.length === 1 ? "differs" : "differ"}.
        {all || differing.length === rows.length ? "" : " The equal ones are left out."}
      </p>
      {shown.length > 0 && <Table title={title} heads={heads} rows={shown} groups={groups} />}
    </Panel>
  );
}

const CELL = "border-b border-line px-2 py-1.5 text-left align-top sm:px-3";

function Table({
  title,
  heads,
  rows,
  groups,
}: Pick<Props, "title" | "heads" | "rows"> & { groups: readonly string[] }) {
  return (
    <section
      ref={scrollHint}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must take focus, so that arrow keys scroll it
      tabIndex={0}
      aria-label={`${title}, table`}
      className="scroll-hint focus-ring overflow-x-auto rounded-button border border-line"
    >
      <table className="w-full border-separate border-spacing-0 text-[13px]">
        <thead>
          <tr>
            <th scope="col" className={`${CELL} sticky left-0 z-10 bg-sunken font-medium text-muted`}>
              <span className="sr-only">Value</span>
            </th>
            {heads.map((head) => (
              <th key={head} scope="col" className={`${CELL} bg-sunken font-medium whitespace-nowrap`}>
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {groups.map((group) => {
            const own = rows.filter((row) => row.group === group);
            return (
              own.length > 0 && (
                <Fragment key={group}>
                  <tr>
                    <th
                      scope="rowgroup"
                      colSpan={heads.length + 1}
                      className={`${CELL} pt-3 text-[12px] font-semibold text-muted`}
                    >
                      <span className="sticky left-3">{group}</span>
                    </th>
                  </tr>
                  {own.map((row) => (
                    <Line key={row.key} row={row} />
                  ))}
                </Fragment>
              )
            );
          })}
        </tbody>
      </table>
    </section>
  );
}

function Line({ row }: { row: Row }) {
  return (
    <tr data-row={row.key} data-differs={row.differs || undefined}>
      <th
        scope="row"
        className={`${CELL} sticky left-0 z-10 max-w-28 bg-surface font-normal wrap-break-word text-muted sm:max-w-none`}
      >
        {row.label}
      </th>
      {row.cells.map((cell, place) => (
        <td
          key={place}
          className={`${CELL} min-w-20 wrap-anywhere sm:min-w-24 ${row.best[place] ? "font-semibold text-good" : ""}`}
        >
          {cell}
          {row.best[place] && <span className="ml-1 text-[12px] font-normal whitespace-nowrap">(best)</span>}
        </td>
      ))}
    </tr>
  );
}
