import { Link } from "wouter";
import { MOST_COMPARED } from "../../model/compare/chosen";
import { exactTime } from "../../model/format";
import { HISTORY_COLUMNS, type HistoryStudy, historyCells } from "../../model/history/history";
import { studyLink } from "../../model/sentence";
import { shownStatus } from "../../model/studies";
import { notesOf } from "../../model/studyNotes";
import { StatusBadge } from "../../parts";
import { scrollHint } from "../../state/scrollHint";
import { writeParams } from "../../state/url";
import { toggleStudy } from "../compare/choice";

const CELL = "border-b border-line px-3 py-1.5 align-top";

interface Props {
  dataset: string;
  studies: readonly HistoryStudy[];
  chosen: readonly string[];
}

/** The studies of a data set as rows, the newest first; each can be chosen for comparing. */
export function StudiesTable({ dataset, studies, chosen }: Props) {
  return (
    <section
      ref={scrollHint}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must take focus, so that arrow keys scroll it
      tabIndex={0}
      aria-label={`Studies of ${dataset}, table`}
      className="scroll-hint focus-ring max-h-96 overflow-auto rounded-button border border-line"
    >
      <table className="w-full border-separate border-spacing-0 text-left text-[13px]">
        <thead>
          <tr>
            {HISTORY_COLUMNS.map((column) => (
              <th
                key={column}
                scope="col"
                className="sticky top-0 z-10 border-b border-line bg-sunken px-3 py-1.5 font-medium whitespace-nowrap text-muted"
              >
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {studies.toReversed().map((study) => (
            <Row
              key={study.id}
              study={study}
              chosen={chosen.includes(study.id)}
              full={chosen.length >= MOST_COMPARED}
            />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Row({ study, chosen, full }: { study: HistoryStudy; chosen: boolean; full: boolean }) {
  const [, created, , target, trials, best, test] = historyCells(study);
  const { tags, note } = notesOf(study);
  return (
    <tr data-study={study.id}>
      <td className={`${CELL} min-w-44`}>
        <span className="flex items-center gap-2">
          <input
            type="checkbox"
            aria-label={`Compare ${study.id}`}
            title={full && !chosen ? "Four studies are chosen: that is the most that can be compared" : "Compare"}
            checked={chosen}
            disabled={full && !chosen}
            onChange={() => toggleStudy(study.id)}
            className="focus-ring size-4 shrink-0 accent-[var(--accent)]"
          />
          <Link
            href={studyLink(study.id)}
            className="focus-ring rounded font-medium break-all text-accent hover:underline"
          >
            {study.id}
          </Link>
        </span>
      </td>
      <td className={`${CELL} whitespace-nowrap`} title={exactTime(study.created_at)}>
        {created}
      </td>
      <td className={CELL}>
        <StatusBadge status={shownStatus(study)} />
      </td>
      <td className={`${CELL} whitespace-nowrap`}>{target}</td>
      <td className={`${CELL} whitespace-nowrap`}>{trials}</td>
      <td className={`${CELL} whitespace-nowrap`}>{best}</td>
      <td className={`${CELL} whitespace-nowrap`}>{test}</td>
      <td className={`${CELL} min-w-32`}>
        <span className="flex flex-wrap gap-1">
          {tags.map((tag) => (
            <button
              key={tag}
              type="button"
              aria-label={`Show the studies with the tag ${tag}`}
              onClick={() => writeParams({ tag }, { push: true })}
              className="focus-ring h-6 max-w-40 truncate rounded-full bg-sunken px-2 text-[12px] hover:text-accent"
            >
              {tag}
            </button>
          ))}
        </span>
      </td>
      <td className={`${CELL} min-w-40`}>
        <p className="line-clamp-2 max-w-80 break-words" title={note ?? undefined}>
          {note ?? ""}
        </p>
      </td>
    </tr>
  );
}
