/** The verdict of a study: what is known about it now, in a few sentences whose numbers are links. */

import { browserWords } from "./browserWords";
import { count, duration, percent } from "./format";
import { objectiveName, objectiveText } from "./objectiveWords";
import { capital, listed, plural, type Sentence, say, studyLink, trialLink, withoutStop, words } from "./sentence";
import { inPercent } from "./serverText";
import { trialsDone } from "./timeBudget";
import type { ImportanceForVerdict, MoreForVerdict, StudyForVerdict } from "./verdictInput";

const ENDED = ["completed", "failed", "cancelled"];

export function hasEnded(status: string): boolean {
  return ENDED.includes(status);
}

/** All sentences of the verdict; at least one. */
export function verdict(
  study: StudyForVerdict,
  importance: ImportanceForVerdict | null = null,
  { timed = false, rival = null }: MoreForVerdict = {},
): Sentence[] {
  const stage = stageOf(study, timed);
  const best = bestOf(study, rival);
  const found = [...stage, ...best];
  if (study.best_trial_number === null) {
    if (found.length === 0) found.push(...beforeBest(study));
  } else {
    const subject = rival === null ? "it" : `trial ${study.best_trial_number}`; // "it" would be the trial named last
    found.push(...baselineOf(study, subject), ...decided(study, importance), ...stoppedEarly(study, timed));
  }
  return found;
}

/** What happens to the study as a whole, where that is more than that it runs or has completed. */
function stageOf(study: StudyForVerdict, timed: boolean): Sentence[] {
  const { progress, id } = study;
  const done = {
    text: trialsDone(progress.trials_performed, progress.total_trials, timed),
    href: studyLink(id, "trials"),
  };
  const why = study.reason ? `: ${withoutStop(inPercent(browserWords(study.reason)))}` : "";
  switch (study.status) {
    case "created":
      return progress.trials_performed > 0
        ? [say("The study is about to continue after ", done, ".")]
        : [say("The study starts: its process is being prepared.")];
    case "interrupted":
      return [say("The study was interrupted after ", done, ": its process ended. “Resume” continues it.")];
    case "failed":
      return [say(`The study failed${why}.`)];
    case "cancelled":
      return [say("The study was cancelled after ", done, ".")];
    case "running":
      return study.cancel_requested_at ? [say("Cancelling: running trials stop at their next batch.")] : [];
    default:
      return [];
  }
}

/** What happens now in a study that has no best trial. */
function beforeBest(study: StudyForVerdict): Sentence[] {
  const { progress, id } = study;
  if (hasEnded(study.status)) return [noResult(study)];
  const first = progress.running[0];
  if (!first) {
    if (progress.waiting_for) return [say(`The study waits for ${withoutStop(progress.waiting_for)}.`)];
    return [say("The data set is being read and the first networks are chosen.")];
  }
  const training = plural(Math.max(progress.running_trials, progress.running.length), "trial is", "trials are");
  return [
    say(
      { text: training, href: studyLink(id, "trials", { status: "running" }) },
      " training. ",
      {
        text: `Trial ${first.trial_number}`,
        href: trialLink(id, first.trial_number),
      },
      ` is in epoch ${first.epoch} of ${first.epochs}.`,
    ),
    say("The first result comes at the end of an epoch."),
  ];
}

function noResult(study: StudyForVerdict): Sentence {
  const { progress, id } = study;
  if (progress.trials_performed === 0) return say("No trial was performed.");
  const failed = {
    text: plural(progress.failed_trials, "trial"),
    href: studyLink(id, "trials", { status: "failed,diverged" }),
  };
  return progress.failed_trials > 0
    ? say("No trial has a result: ", failed, " failed or diverged.")
    : say("No trial has a result.");
}

/** Who leads, or who won, and by what. */
function bestOf(study: StudyForVerdict, rival: Sentence | null): Sentence[] {
  const { best_trial_number: number, best_objective: value, progress, id } = study;
  if (number === null) return [];
  const objective = study.objectives[0] ?? "val_accuracy";
  const trial = { text: `Trial ${number}`, href: trialLink(id, number) };
  const network = studyLink(id, "network", { trial: number });
  const verb = study.status === "completed" ? "won" : hasEnded(study.status) ? "was the best" : "leads";
  const accuracy = progress.best_accuracy;
  if (objective === "val_accuracy" || value === null) {
    const shown = accuracy ?? (objective === "val_accuracy" ? value : null);
    if (shown === null) return [say(trial, ` ${verb}.`)];
    return [
      say(
        trial,
        ` ${verb} with `,
        { text: percent(shown), href: network },
        verb === "leads" ? "." : " on validation data.",
      ),
    ];
  }
  const score = { text: objectiveText(objective, value), href: network };
  const name = objectiveName(objective);
  const by =
    rival === null
      ? say(trial, ` ${verb} with a ${name} of `, score)
      : say(trial, ` ${verb} with the highest ${name}, `, score, ",");
  const also = accuracy === null ? [] : [" and an accuracy of ", { text: percent(accuracy), href: network }];
  const others = study.objectives.slice(1).map(objectiveName);
  const front = others.length ? [say(`The study also weighs ${listed(others)}.`)] : [];
  return [say(...by, ...also, "."), ...(rival === null ? [] : [rival]), ...front];
}

/** The networks against the baseline, test with test data, else validation with validation data. */
function baselineOf(study: StudyForVerdict, subject: string): Sentence[] {
  const { baseline, test_accuracy: test, id } = study;
  const number = study.best_trial_number ?? 0;
  if (test !== null) {
    const tested = { text: percent(test), href: studyLink(id, "network", { trial: number }) };
    if (!baseline) return [say(`On test data ${subject} reaches `, tested, ".")];
    const other = { text: percent(baseline.test_accuracy), href: "#baseline" };
    if (baseline.test_accuracy > test) {
      return [
        say("The baseline wins: on test data ", `${baseline.name} reaches `, other, ", the best network ", tested, "."),
      ];
    }
    const equal = baseline.test_accuracy === test ? "as much as" : "the baseline";
    return equal === "as much as"
      ? [say(`On test data ${subject} reaches `, tested, `, as much as the baseline, ${baseline.name}.`)]
      : [say(`On test data ${subject} reaches `, tested, `; the baseline, ${baseline.name}, reaches `, other, ".")];
  }
  const accuracy = study.progress.best_accuracy;
  if (!baseline || accuracy === null || baseline.val_accuracy <= accuracy) return [];
  const ahead = hasEnded(study.status) ? "The baseline is better" : "The baseline is still better";
  return [
    say(
      `${ahead}: ${baseline.name} reaches `,
      { text: percent(baseline.val_accuracy), href: "#baseline" },
      " on validation data.",
    ),
  ];
}

function decided(_study: StudyForVerdict, importance: ImportanceForVerdict | null): Sentence[] {
  const ranked = Object.entries(importance?.importance ?? {}).sort((one, other) => other[1] - one[1]);
  const first = ranked[0];
  if (!first || !(first[1] > 0)) return [];
  return [say({ text: capital(words(first[0])), href: "#what-decided" }, " decided most.")];
}

function stoppedEarly(study: StudyForVerdict, timed: boolean): Sentence[] {
  const { pruned_trials: pruned, trials_performed: performed, saved_s: saved } = study.progress;
  if (!pruned) return [];
  const href = studyLink(study.id, "trials", { status: "pruned" });
  const which = { text: `${count(pruned)} of ${plural(performed, "trial")}`, href };
  const early = ` ${pruned === 1 ? "was" : "were"} stopped early`;
  if (!saved || saved < 1) return [say(which, early, ".")];
  const spared = { text: duration(saved), href };
  if (!timed) return [say(which, early, ", which saved about ", spared, ".")];
  // The whole time budget is used: what was saved went to other trials, and may be more than the budget.
  return [say(which, early, "; training them to the end would have taken about ", spared, " more.")];
}
