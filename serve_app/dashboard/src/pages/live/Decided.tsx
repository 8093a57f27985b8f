import { count, percent, wholePercent } from "../../model/format";
import { capital, plural, words } from "../../model/sentence";
import { hasEnded } from "../../model/verdict";
import { Bar, Button, Panel, type PanelState, panelState } from "../../parts";
import type { StudyHead } from "./useStudyHead";
import { NEEDED_TRIALS, useStudyImportance } from "./useStudyImportance";

const SHOWN = 5;

/** Which hyperparameters decided, and what a plain method reaches. */
export function Decided({ head }: { head: StudyHead }) {
  const { query, enough } = useStudyImportance(head);
  const known = query.data?.importance ?? null;
  const ranked = Object.entries(known ?? {}).sort((one, other) => other[1] - one[1]);
  const used = query.data?.trials_used ?? 0;
  const ended = hasEnded(head.status);
  const outdated = !ended && known !== null && head.progress.completed_trials + head.progress.pruned_trials > used;
  return (
    <div id="what-decided" className="h-full scroll-mt-20">
      <Panel
        title="What decided"
        question="Which hyperparameters made the difference?"
        state={stateOf()}
        className="h-full min-h-[250px]"
        actions={
          outdated && (
            <Button size="small" busy={query.isFetching} onClick={() => void query.refetch()}>
              Update
            </Button>
          )
        }
      >
        <ol className="flex flex-col gap-2">
          {ranked.slice(0, SHOWN).map(([name, share]) => (
            <li key={name} className="grid grid-cols-[1fr_auto] gap-x-3 gap-y-1 text-[12px]">
              <span className="truncate">{capital(words(name))}</span>
              <span>{wholePercent(share)}</span>
              <Bar
                share={share}
                label={`${words(name)}: ${percent(share, 0)} of the difference`}
                className="col-span-2"
              />
            </li>
          ))}
        </ol>
        <p className="mt-2 text-[12px] text-muted">
          Judged by {plural(used, "trial")}
          {ranked.length > SHOWN ? `; ${count(ranked.length - SHOWN)} more hyperparameters matter less` : ""}.
        </p>
      </Panel>
    </div>
  );

  function stateOf(): PanelState {
    const performed = head.progress.completed_trials + head.progress.pruned_trials;
    if (!enough) {
      const text = ended
        ? `Too few trials to tell: ${NEEDED_TRIALS} are needed, ${performed} gave a result.`
        : `It will be known after ${NEEDED_TRIALS} trials. ${plural(performed, "trial has", "trials have")} ended so far.`;
      return { kind: "empty", text };
    }
    if (query.data && known === null)
      return { kind: "empty", text: `It cannot be told: ${query.data.reason ?? "no reason is known"}.` };
    return panelState(query);
  }
}
