import type { ReactNode } from "react";
import type { NextStep } from "../../api/shapes";
import { useExplain } from "../../api/useExplain";
import { asSentence } from "../../model/sentence";
import { hasReport, REPORT_WAIT, reportFileHref, reportHref } from "../../model/studyReport";
import { hasEnded } from "../../model/verdict";
import { ButtonLink, CopyButton, Panel, type PanelState, panelState } from "../../parts";

const REPORT_LINK = "focus-ring rounded text-[12px] text-accent underline underline-offset-2";

/** What the results suggest to do next. */
export function NextPanel({ id, status }: { id: string; status: string }) {
  const explain = useExplain(id);
  const steps = explain.data?.next_steps;
  return (
    <Panel
      title="What to try next"
      question="What do these results suggest?"
      state={stateOf()}
      actions={
        <>
          <ButtonLink size="small" href={`/new?from=${encodeURIComponent(id)}`}>
            Copy and change this study
          </ButtonLink>
          {hasReport(status) && (
            <>
              <a
                href={reportHref(id)}
                target="_blank"
                rel="noopener"
                title={`Opens in a new tab. ${REPORT_WAIT}`}
                className={REPORT_LINK}
              >
                Open the report
              </a>
              <a href={reportFileHref(id)} download={`${id}-report.html`} title={REPORT_WAIT} className={REPORT_LINK}>
                Save the report
              </a>
            </>
          )}
        </>
      }
    >
      {steps !== undefined && <p className="mb-2">{leadOf(steps)}</p>}
      <ol className="flex max-w-prose list-decimal flex-col gap-3 pl-5">
        {steps?.map((step) => (
          <li key={step.what}>
            <p className="font-medium">{step.what}</p>
            <p className="text-[12px] text-muted">{step.why}</p>
            {step.how.length > 0 && (
              <ul className="mt-1 flex flex-col gap-1 text-[12px]">
                {step.how.map((one) => (
                  <li key={one} className="min-w-0 break-words">
                    {withCommands(one)}
                  </li>
                ))}
              </ul>
            )}
          </li>
        ))}
      </ol>
    </Panel>
  );

  function stateOf(): PanelState {
    if (explain.data === undefined) return panelState(explain);
    if (steps === undefined) return { kind: "empty", text: "This server does not tell it. The whole report does." };
    if (steps.length > 0) return panelState(explain);
    const wait = hasEnded(status) ? "" : " More results may show something.";
    return { kind: "empty", text: `Nothing stands out that would clearly do better.${wait}` };
  }
}

function leadOf(steps: readonly NextStep[]): string {
  const [first] = steps;
  if (first === undefined) return "";
  return asSentence(`First: ${first.what.charAt(0).toLowerCase()}${first.what.slice(1)}`);
}

/** A text of the server: what is in backquotes is a command or a setting, and a command can be copied. */
function withCommands(text: string): ReactNode[] {
  return text.split("`").map((piece, place) =>
    place % 2 === 0 ? (
      piece
    ) : (
      <span key={place} className="inline-flex max-w-full items-center gap-1">
        <code className="rounded bg-sunken px-1 py-0.5 font-mono break-all">{piece}</code>
        {piece.startsWith("tuner ") && <CopyButton text={piece} label="Copy" />}
      </span>
    ),
  );
}
