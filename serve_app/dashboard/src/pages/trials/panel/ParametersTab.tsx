import { useMemo } from "react";
import { Link } from "wouter";
import { useSpace } from "../../../api/useSpace";
import { useLiveStudyPart } from "../../../live/store";
import { type ParameterRow, parameterRows } from "../../../model/trialParameters";
import { words } from "../../../model/trialWords";
import { Loading, Panel, type PanelState, panelState } from "../../../parts";
import { scrollHint } from "../../../state/scrollHint";
import { useTrialHref } from "../trialHref";
import type { PanelTrial } from "./usePanelTrial";

/** The trial's hyperparameters beside those of the best trial, with the range that was searched. */
export function ParametersTab({ of }: { of: PanelTrial }) {
  const { id, number, query, trial } = of;
  const space = useSpace(id);
  const bestNumber = useLiveStudyPart(id, (study) => study.best_trial_number) ?? null;
  const best = useLiveStudyPart(id, (study) => study.trials.get(study.best_trial_number ?? -1));
  const compared = best !== undefined && best.number !== number ? best : null;
  const rows = useMemo(
    () => parameterRows(trial?.hyperparameters ?? {}, compared?.hyperparameters ?? null, space.data?.parameters ?? []),
    [trial, compared, space.data],
  );
  if (trial === null)
    return query.isError ? <Panel title="Parameters" state={panelState(query)} /> : <Loading lines={6} />;
  const different = rows.filter((row) => row.differs).length;
  const noRanges: PanelState = { kind: "partial", text: "The ranges of the search space cannot be loaded." };
  const none: PanelState = { kind: "empty", text: "No hyperparameters were recorded." };
  return (
    <Panel
      title="Parameters"
      question={bestNumber === number ? "This is the best trial." : undefined}
      state={rows.length === 0 ? none : space.isError ? noRanges : undefined}
    >
      {compared !== null && (
        <p className="mb-2">
          {different === 0 ? "No value differs" : `${different} of ${rows.length} values differ`} from{" "}
          <BestLink number={compared.number} />, the best one.
        </p>
      )}
      <section
        ref={scrollHint}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must take focus, so that arrow keys scroll it
        tabIndex={0}
        aria-label="Table of hyperparameters"
        className="scroll-hint focus-ring overflow-x-auto"
      >
        <table className="w-full min-w-[26rem] text-[12px]">
          <thead>
            <tr className="text-left text-muted">
              <Head>Parameter</Head>
              <Head>This trial</Head>
              {compared !== null && <Head>Trial {compared.number} (best)</Head>}
              <Head>Searched</Head>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <Row key={row.name} row={row} compared={compared !== null} pending={space.isPending} />
            ))}
          </tbody>
        </table>
      </section>
    </Panel>
  );
}

function Row({ row, compared, pending }: { row: ParameterRow; compared: boolean; pending: boolean }) {
  return (
    <tr
      data-differs={row.differs || undefined}
      className={`border-t border-line align-top ${row.differs ? "bg-warn-soft" : ""}`}
    >
      <th scope="row" title={row.name} className="py-1.5 pr-3 pl-1 text-left font-normal">
        {words(row.name)}
      </th>
      <td className={`py-1.5 pr-3 ${row.differs ? "font-semibold text-warn" : ""}`}>
        {row.own}
        {row.differs && <span className="sr-only"> (differs from the best trial)</span>}
      </td>
      {compared && <td className="py-1.5 pr-3">{row.best}</td>}
      <td className="py-1.5 pr-1 text-muted">{pending ? "loading" : row.range}</td>
    </tr>
  );
}

function Head({ children }: { children: React.ReactNode }) {
  return (
    <th scope="col" className="py-1 pr-3 font-medium first:pl-1">
      {children}
    </th>
  );
}

function BestLink({ number }: { number: number }) {
  const href = useTrialHref();
  return (
    <Link href={href(number)} className="focus-ring rounded-button text-accent underline">
      trial {number}
    </Link>
  );
}
