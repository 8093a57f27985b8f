/** Two to four studies side by side: which one found the better network, how fast, and with which other settings. */

import type { components } from "../../api/generated/openapi";
import type { StudyNotes } from "../../api/shapes";
import { count, duration, exactTime, NA, percent, value } from "../format";
import { objectiveName } from "../objectiveWords";
import { listed, type Piece, type Sentence, say, studyLink } from "../sentence";
import { notesOf } from "../studyNotes";
import { architectureWords, statusWords, words } from "../trialWords";
import { chanceText } from "./chance";

export type ComparedStudy = components["schemas"]["JobDetail"] & StudyNotes;

export interface StudyRow {
  key: string;
  group: "Results" | "Settings";
  label: string;
  cells: readonly string[];
  differs: boolean;
  best: readonly boolean[];
}

export const STUDY_GROUPS: readonly StudyRow["group"][] = ["Results", "Settings"];

type Read = (study: ComparedStudy) => string;

const RESULTS: readonly [label: string, read: Read, higher?: (study: ComparedStudy) => number | null][] = [
  ["Data set", (study) => study.dataset],
  ["Status", (study) => statusWords(study.status)],
  [
    "Best validation accuracy",
    (study) => percent(study.progress.best_accuracy),
    (study) => study.progress.best_accuracy,
  ],
  ["Test accuracy", (study) => percent(study.test_accuracy), (study) => study.test_accuracy],
  ["Baseline's validation accuracy", (study) => percent(study.baseline?.val_accuracy)],
  // The test data are looked at once, at the end: before that, the baseline's result on them is not shown either.
  ["Baseline's test accuracy", (study) => (study.test_accuracy === null ? NA : percent(study.baseline?.test_accuracy))],
  ["Best trial", (study) => (study.best_trial_number === null ? NA : String(study.best_trial_number))],
  ["Best network", (study) => (study.best?.architecture ? architectureWords(study.best.architecture.type) : NA)],
  ["Its parameters", (study) => count(study.best?.architecture?.total_parameters)],
  ["Trials performed", (study) => count(study.progress.trials_performed)],
  ["Time", (study) => duration(study.progress.elapsed_time)],
  ["Average time of a trial", (study) => duration(study.progress.average_duration_per_trial)],
  ["Started", (study) => exactTime(study.started_at)],
  ["Tags", (study) => notesOf(study).tags.join(", ") || NA],
  ["Note", (study) => notesOf(study).note ?? NA],
];

/** One row for each result and each setting. */
export function studyRows(studies: readonly ComparedStudy[]): StudyRow[] {
  const results = RESULTS.map(([label, read, higher]): StudyRow => {
    const cells = studies.map(read);
    return { key: label, group: "Results", label, cells, differs: differ(cells), best: bestOf(studies, higher) };
  });
  const settings = studies.map(({ spec }) => settingsOf(spec));
  const names = [...new Set(settings.flatMap((one) => [...one.keys()]))];
  const rows = names.map((name): StudyRow => {
    const cells = settings.map((one) => one.get(name) ?? NA);
    const label = name.split(".").map(words).join(": ");
    return { key: name, group: "Settings", label, cells, differs: differ(cells), best: cells.map(() => false) };
  });
  return [...results, ...rows];
}

const differ = (cells: readonly string[]): boolean => cells.some((cell) => cell !== cells[0]);

function bestOf(studies: readonly ComparedStudy[], of?: (study: ComparedStudy) => number | null): boolean[] {
  const values = studies.map((study) => of?.(study) ?? null);
  const known = values.filter((one) => one !== null);
  const best = Math.max(...known);
  return values.map((one) => known.length > 1 && known.some((other) => other !== best) && one === best);
}

/** What the name of a study is, and what its results already say. */
const NO_SETTING: ReadonlySet<string> = new Set(["run_name", "dataset"]);

/** The settings of a spec in words, by name; those of a group as `health_weights.gradient_health`. */
function settingsOf(spec: object): Map<string, string> {
  const found = new Map<string, string>();
  const add = (name: string, raw: unknown) => {
    if (NO_SETTING.has(name)) return;
    if (Array.isArray(raw)) found.set(name, raw.length === 0 ? "none" : raw.map(text).join(", "));
    else if (raw !== null && typeof raw === "object" && !name.includes(".")) {
      for (const [key, part] of Object.entries(raw)) add(`${name}.${key}`, part);
    } else found.set(name, text(raw));
  };
  for (const [name, raw] of Object.entries(spec)) add(name, raw);
  return found;
}

function text(raw: unknown): string {
  if (raw === null || raw === undefined) return "none";
  if (typeof raw === "object") return JSON.stringify(raw);
  // A seed is a name, not an amount.
  return typeof raw === "number" && Number.isInteger(raw) ? String(raw) : value(raw as string | number | boolean);
}

/** Which study is better, by how much, and what makes the comparison unfair. */
export function studySentences(studies: readonly ComparedStudy[]): Sentence[] {
  return [leader(studies), ...cautions(studies).map((caution) => say(caution))];
}

function link(study: ComparedStudy): Piece {
  return { text: study.id, href: studyLink(study.id) };
}

function leader(studies: readonly ComparedStudy[]): Sentence {
  const sets = new Set(studies.map((study) => study.dataset));
  if (sets.size > 1) return say("These studies use different data sets, so their accuracies cannot be compared.");
  const tested = studies.every((study) => study.test_accuracy !== null);
  const part = tested ? "test" : "validation";
  const scored = studies.flatMap((study) => {
    const accuracy = tested ? study.test_accuracy : study.progress.best_accuracy;
    return accuracy === null ? [] : [{ study, accuracy }];
  });
  scored.sort((one, other) => other.accuracy - one.accuracy);
  const [first, second] = scored;
  if (first === undefined) return say("None of these studies has a result yet.");
  if (second === undefined)
    return say("Only ", link(first.study), ` has a result: ${part} accuracy ${percent(first.accuracy)}.`);
  const pieces: (string | Piece)[] = [];
  if (percent(first.accuracy) === percent(second.accuracy)) {
    pieces.push(
      link(first.study),
      " and ",
      link(second.study),
      ` are equally good: ${part} accuracy ${percent(first.accuracy)}.`,
    );
  } else {
    const gap = ((first.accuracy - second.accuracy) * 100).toFixed(1);
    const says = ` found the better network: ${part} accuracy ${percent(first.accuracy)}, ${gap} percentage points above that of `;
    pieces.push(link(first.study), studies.length > 2 ? says.replace("better", "best") : says, link(second.study), ".");
  }
  const chance = chanceText(first.accuracy, second.accuracy, samplesOf(first.study, part), part);
  if (chance !== null) pieces.push(` ${chance}`);
  return say(...pieces);
}

function samplesOf(study: ComparedStudy, part: "validation" | "test"): number | null {
  return study.data?.classes.reduce((sum, one) => sum + one[part], 0) ?? null;
}

/** Settings that decide which samples the networks are judged by. */
const SPLIT = ["seed", "validation_split", "test_size", "sample_percentage"] as const;

function cautions(studies: readonly ComparedStudy[]): string[] {
  const found: string[] = [];
  const sameData = new Set(studies.map((study) => study.dataset)).size === 1;
  const split = SPLIT.filter((name) => new Set(studies.map(({ spec }) => spec[name])).size > 1).map((name) =>
    words(name).toLowerCase(),
  );
  if (sameData && split.length > 0) {
    found.push(
      `They may be judged by different samples: their ${listed(split)} ${split.length === 1 ? "differs" : "differ"}.`,
    );
  }
  const objectives = [...new Set(studies.map(({ objectives: [first = ""] }) => first))];
  if (objectives.length > 1) found.push(`They search for different things: ${listed(objectives.map(objectiveName))}.`);
  const untested = studies.filter((study) => study.test_accuracy === null).map(({ id }) => id);
  if (untested.length > 0 && untested.length < studies.length) {
    found.push(`${listed(untested)} ${untested.length === 1 ? "has" : "have"} no test result.`);
  }
  return found;
}
