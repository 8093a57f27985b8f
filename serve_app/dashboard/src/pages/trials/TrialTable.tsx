import { useVirtualizer } from "@tanstack/react-virtual";
import { ArrowDown, ArrowUp } from "lucide-react";
import { useEffect, useRef } from "react";
import type { LiveTrial } from "../../live/store";
import type { TrialColumn } from "../../model/trialColumns";
import { clicked, type TrialSort } from "../../model/trialSort";
import { writeOrder } from "../../model/trialView";
import { scrollHint } from "../../state/scrollHint";
import { useParam, writeParams } from "../../state/url";
import { TRIALS } from "../compare/choice";
import { RowTools } from "./RowTools";
import { isFirst, TableCell } from "./TableCell";
import { openTrial } from "./trialHref";
import type { TrialList } from "./useTrialList";

const ROW = 36;
const WIDE: Record<string, number> = {
  reason: 360,
  trial_id: 240,
  started_at: 140,
  completed_at: 140,
};

interface Props {
  id: string;
  list: TrialList;
  columns: readonly TrialColumn[];
  open: number | null;
}

/** The trials as a table that scrolls inside itself, with its head and the trials' numbers in view. */
export function TrialTable({ id, list, columns, open }: Props) {
  const { shown: trials } = list;
  const { sort } = list.view;
  const [compared] = useParam("compare", TRIALS);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => scrollHint(box.current), []);
  const rows = useVirtualizer({
    count: trials.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW,
    overscan: 6,
    scrollMargin: ROW,
    initialRect: { width: 0, height: 600 },
  });
  const items = rows.getVirtualItems();
  const above = (items[0]?.start ?? ROW) - ROW;
  const below = Math.max(0, rows.getTotalSize() - (items[items.length - 1]?.end ?? ROW) + ROW);
  const width = columns.reduce((sum, column) => sum + widthOf(column, list), 0);
  return (
    <div className={compared.length > 0 ? "mb-24 md:mb-14" : ""}>
      <section
        ref={box}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must take focus, so that arrow keys scroll it
        tabIndex={0}
        aria-label="Table of trials"
        className="peer panel scroll-hint focus-ring relative max-h-[calc(100dvh-10rem)] min-h-48 overflow-auto"
      >
        <table
          aria-rowcount={trials.length + 1}
          className="w-full table-fixed border-separate border-spacing-0 text-[13px]"
          style={{ minWidth: width }}
        >
          <colgroup>
            {columns.map((column) => (
              <col key={column.key} style={{ width: widthOf(column, list) }} />
            ))}
          </colgroup>
          <thead>
            <tr style={{ height: ROW }} aria-rowindex={1}>
              {columns.map((column) => (
                <Head key={column.key} column={column} sort={sort} />
              ))}
            </tr>
          </thead>
          <tbody>
            <Spacer height={above} columns={columns.length} />
            {items.map((item) => {
              const trial = trials[item.index];
              return (
                trial !== undefined && (
                  <Row
                    key={trial.number}
                    id={id}
                    list={list}
                    compared={compared}
                    trial={trial}
                    columns={columns}
                    index={item.index}
                    open={trial.number === open}
                  />
                )
              );
            })}
            <Spacer height={below} columns={columns.length} />
          </tbody>
        </table>
      </section>
      <p className="invisible mt-1 text-right text-[12px] text-muted peer-data-more:visible">
        More columns are at the right: scroll the table sideways.
      </p>
    </div>
  );
}

function Head({ column, sort }: { column: TrialColumn; sort: TrialSort }) {
  const sorted = sort.key === column.key;
  const Arrow = sort.descending ? ArrowDown : ArrowUp;
  return (
    <th
      scope="col"
      aria-sort={sorted ? (sort.descending ? "descending" : "ascending") : "none"}
      className={`sticky top-0 border-b border-line bg-sunken p-0 ${isFirst(column) ? "left-0 z-20" : "z-10"}`}
    >
      <button
        type="button"
        onClick={() => writeParams(writeOrder(clicked(sort, column)), { push: true })}
        className={`focus-ring flex h-9 w-full min-w-0 items-center gap-1 px-3 text-[12px] font-medium -outline-offset-2 ${
          column.numeric ? "flex-row-reverse" : ""
        } ${sorted ? "text-main" : "text-muted hover:text-main"}`}
      >
        <span className="truncate">{column.label}</span>
        {sorted && <Arrow aria-hidden="true" className="size-3.5 shrink-0" />}
      </button>
    </th>
  );
}

interface RowProps {
  id: string;
  list: TrialList;
  compared: readonly number[];
  trial: LiveTrial;
  columns: readonly TrialColumn[];
  index: number;
  open: boolean;
}

function Row({ id, list, compared, trial, columns, index, open }: RowProps) {
  const back = open ? "bg-accent-soft" : "bg-surface group-hover:bg-sunken";
  return (
    // The number in the row is a link, which the keyboard reaches; a click anywhere else in the row is a short cut.
    <tr
      data-trial={trial.number}
      aria-rowindex={index + 2}
      onClick={() => openTrial(trial.number)}
      style={{ height: ROW }}
      className="group cursor-pointer"
    >
      {columns.map((column) => (
        <td
          key={column.key}
          className={`truncate border-b border-line px-3 ${back} ${column.numeric ? "text-right" : ""} ${
            isFirst(column) ? "sticky left-0 z-[5]" : ""
          }`}
        >
          {isFirst(column) && <RowTools id={id} trial={trial} compared={compared} />}
          <TableCell list={list} trial={trial} column={column} open={open} />
        </td>
      ))}
    </tr>
  );
}

function Spacer({ height, columns }: { height: number; columns: number }) {
  if (height <= 0) return null;
  return (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: a row takes no focus
    <tr aria-hidden="true" style={{ height }}>
      <td colSpan={columns} className="p-0" />
    </tr>
  );
}

/** The tools and marks stand before the number. */
function widthOf(column: TrialColumn, { best, front }: TrialList): number {
  if (isFirst(column)) return 148 + (best === null ? 0 : 64) + (front.size === 0 ? 0 : 56);
  return WIDE[column.key] ?? (column.numeric ? 124 : 148);
}
