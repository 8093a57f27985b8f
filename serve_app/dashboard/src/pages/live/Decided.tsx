import { useMemo } from "react";
import { type LiveStudy, liveStore, useLiveStudyPart } from "../../live/store";
import { decidedLater, decidedLine } from "../../model/decided";
import { type Direction, directions } from "../../model/direction";
import { count, percent, wholePercent } from "../../model/format";
import { capital, plural, words } from "../../model/sentence";
import { isLowerBetter } from "../../model/trialStory";
import { hasEnded } from "../../model/verdict";
import { Bar, Button, Panel, type PanelState, panelState } from "../../parts";
import type { StudyHead } from "./useStudyHead";
import { useStudyImportance } from "./useStudyImportance";
import { Explained } from "./Words";

const SHOWN = 5;
const NONE: ReadonlyMap<string, Direction> = new Map();

const bestValues = (study: LiveStudy) => study.trials.get(study.best_trial_number ?? -1)?.hyperparameters;

/** Which hyperparameters decided, in which direction, and the value of the best trial. */
export function Decided({ head }: { head: StudyHead }) {
  const { query, enough } = useStudyImportance(head);
  const known = query.data?.importance ?? null;
  const ways = useDirections(head, known);
  const best = useLiveStudyPart(head.id, bestValues);
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
              <span className="truncate">
                <Explained text={capital(words(name))} />
              </span>
              <span>{wholePercent(share)}</span>
              <Bar
                share={share}
                label={`${words(name)}: ${percent(share, 0)} of the difference`}
                className="col-span-2"
              />
              <span className="col-span-2 text-muted">{decidedLine(ways.get(name), best?.[name])}</span>
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
    const gave = head.progress.completed_trials + head.progress.pruned_trials;
    if (!enough) return { kind: "empty", text: decidedLater(gave, head.progress.total_trials, ended) };
    if (query.data && known === null)
      return { kind: "empty", text: `It cannot be told: ${query.data.reason ?? "no reason is known"}.` };
    return panelState(query);
  }
}

/** Found once for each answer about the importance, not after each event: both then judge about the same trials. */
function useDirections(head: StudyHead, importance: object | null): ReadonlyMap<string, Direction> {
  const { id, objectives } = head;
  const loaded = useLiveStudyPart(id, (study) => study.loadedTrials) ?? false;
  return useMemo(() => {
    const { study } = liveStore.getState();
    if (importance === null || !loaded || study?.id !== id) return NONE;
    return directions(study.trials.values(), isLowerBetter(objectives[0] ?? "val_accuracy"));
  }, [id, objectives, importance, loaded]);
}
