import { useTrialLog } from "../../../api/useTrialLog";
import { studyLink } from "../../../model/sentence";
import { ButtonLink, CopyButton, Panel, type PanelState, panelState } from "../../../parts";
import type { PanelTrial } from "./usePanelTrial";

/** The lines of the study's log about this trial. New ones are read after each of its events. */
export function LogTab({ of }: { of: PanelTrial }) {
  const { id, number, live } = of;
  const mark = live === undefined ? "" : `${live.status} ${live.epochs_trained} ${live.findings.length}`;
  const query = useTrialLog(id, number, mark);
  const lines = query.data?.lines ?? [];
  const none: PanelState = { kind: "empty", text: "The log has no line about this trial yet." };
  return (
    <Panel
      title="Log of the trial"
      state={query.isSuccess && lines.length === 0 ? none : panelState(query)}
      actions={
        <>
          {lines.length > 0 && <CopyButton text={lines.join("\n")} />}
          <ButtonLink size="small" href={studyLink(id, "log")}>
            Whole log
          </ButtonLink>
        </>
      }
    >
      <section
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must take focus, so that arrow keys scroll it
        tabIndex={0}
        aria-label={`Log of trial ${number}`}
        className="focus-ring max-h-[60dvh] overflow-auto rounded-button bg-sunken p-3"
      >
        <pre className="font-mono text-[12px] leading-5 break-words whitespace-pre-wrap">{lines.join("\n")}</pre>
      </section>
    </Panel>
  );
}
