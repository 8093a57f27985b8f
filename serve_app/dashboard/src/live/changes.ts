/** Writes what the server has confirmed into the page, before the live feed tells it. */

import { keys } from "../api/keys";
import { queryClient } from "../api/queryClient";
import type { StudyChange, TrialNotes } from "../api/shapes";
import { patchAnswer } from "./answers";
import { withStudyNotes, withTrialNotes } from "./notes";
import { liveStore } from "./store";

/** The server has stored a change of a study. */
export function studyChanged(id: string, change: StudyChange): void {
  patchAnswer(queryClient, id, (job) => withStudyNotes(job, change));
}

/** The server has stored a change of a trial, or has accepted its cancel. */
export function trialChanged(id: string, number: number, change: TrialNotes): void {
  liveStore.setState(({ study }) => {
    const trial = study?.id === id ? study.trials.get(number) : undefined;
    if (study === undefined || trial === undefined) return {};
    return { study: { ...study, trials: new Map(study.trials).set(number, withTrialNotes(trial, change)) } };
  });
  queryClient.setQueryData<object>(keys.trial(id, number), (known) =>
    known === undefined ? known : withTrialNotes(known, change),
  );
}
