/** All studies by data set over time: which one was best, and whether the latest is better than those before. */

import type { components } from "../../api/generated/openapi";
import type { StudyNotes } from "../../api/shapes";
import { count, percent, time } from "../format";
import { type Piece, plural, type Sentence, say, studyLink } from "../sentence";
import { modeWords, shownStatus } from "../studies";
import { notesOf } from "../studyNotes";

export type HistoryStudy = components["schemas"]["Job"] & StudyNotes;

/** The conditions of the address. All must hold; an empty text is no condition. */
export interface HistoryFilter {
  text: string;
  dataset: string;
  tag: string;
}

/** The text matches name, data set, tags and note; its words in any order. */
export function filterStudies(studies: readonly HistoryStudy[], filter: HistoryFilter): HistoryStudy[] {
  const terms = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  return studies.filter((study) => {
    const { tags, note } = notesOf(study);
    if (filter.dataset !== "" && study.dataset !== filter.dataset) return false;
    if (filter.tag !== "" && !tags.includes(filter.tag)) return false;
    const text = [study.id, study.dataset, ...tags, note ?? ""].join(" ").toLowerCase();
    return terms.every((term) => text.includes(term));
  });
}

export interface Choice {
  name: string;
  count: number;
}

/** All tags with the number of their studies, the most frequent first. */
export function tagsOf(studies: readonly HistoryStudy[]): Choice[] {
  return counted(studies.flatMap((study) => notesOf(study).tags));
}

export function datasetsOf(studies: readonly HistoryStudy[]): Choice[] {
  return counted(studies.map((study) => study.dataset));
}

function counted(names: readonly string[]): Choice[] {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts]
    .map(([name, count]) => ({ name, count }))
    .sort((one, other) => other.count - one.count || one.name.localeCompare(other.name));
}

export interface DatasetHistory {
  dataset: string;
  /** The oldest first. */
  studies: HistoryStudy[];
}

/** The studies by data set; the data set with the newest study comes first. */
export function byDataset(studies: readonly HistoryStudy[]): DatasetHistory[] {
  const ordered = [...studies].sort((one, other) => one.created_at.localeCompare(other.created_at));
  const groups = new Map<string, HistoryStudy[]>();
  for (const study of ordered) {
    const group = groups.get(study.dataset);
    if (group) group.push(study);
    else groups.set(study.dataset, [study]);
  }
  const newest = (group: readonly HistoryStudy[]) => group[group.length - 1]?.created_at ?? "";
  return [...groups]
    .map(([dataset, group]) => ({ dataset, studies: group }))
    .sort((one, other) => newest(other.studies).localeCompare(newest(one.studies)));
}

/** Best validation or test accuracy of the studies with one; x: the place of the study, from 1. */
export function accuracyPoints(
  studies: readonly HistoryStudy[],
  kind: "validation" | "test",
): (readonly [place: number, accuracy: number])[] {
  return studies.flatMap((study, place) => {
    const accuracy = accuracyOf(study, kind);
    return accuracy === null ? [] : [[place + 1, accuracy] as const];
  });
}

function accuracyOf(study: HistoryStudy, kind: "validation" | "test"): number | null {
  const accuracy = kind === "test" ? study.test_accuracy : study.progress.best_accuracy;
  return accuracy !== null && Number.isFinite(accuracy) ? accuracy : null;
}

/** The best study of a data set, and whether the latest one is better than those before it. */
export function historySentence({ studies }: DatasetHistory): Sentence {
  const kind = studies.some((study) => study.test_accuracy !== null) ? "test" : "validation";
  const scored = studies.flatMap((study) => {
    const accuracy = accuracyOf(study, kind);
    return accuracy === null ? [] : [{ study, accuracy }];
  });
  const latest = scored.pop();
  const many =
    studies.length > 1 ? `${plural(studies.length, "study", "studies")} since ${time(studies[0]?.created_at)}. ` : "";
  if (latest === undefined) return say(many, "No study has a result yet.");
  const before = scored.reduce<typeof latest | null>(
    (best, one) => (best === null || one.accuracy > best.accuracy ? one : best),
    null,
  );
  const text = (one: typeof latest) => `${kind} accuracy ${percent(one.accuracy)}`;
  if (before === null) {
    return say(
      many,
      studies.length > 1 ? "Only " : "",
      link(latest.study),
      ` ${studies.length > 1 ? "has a result" : "reached"}: ${text(latest)}.`,
    );
  }
  const gap = Math.abs(latest.accuracy - before.accuracy) * 100;
  if (gap < 0.05) {
    return say(
      many,
      "The latest, ",
      link(latest.study),
      ", is as good as the best before it, ",
      link(before.study),
      `: ${text(latest)}.`,
    );
  }
  const better = latest.accuracy > before.accuracy;
  return say(
    many,
    "The latest, ",
    link(latest.study),
    `, is ${gap.toFixed(1)} percentage points ${better ? "better" : "worse"} than the best before it, `,
    link(before.study),
    `: ${text(latest)} against ${percent(before.accuracy)}.`,
  );
}

function link(study: HistoryStudy): Piece {
  return { text: study.id, href: studyLink(study.id) };
}

/** The cells of a study in the table, and in the file. */
export const HISTORY_COLUMNS = [
  "Study",
  "Created",
  "Status",
  "Target",
  "Trials",
  "Best validation",
  "Test",
  "Tags",
  "Note",
];

export function historyCells(study: HistoryStudy): string[] {
  const { tags, note } = notesOf(study);
  const { trials_performed, best_accuracy } = study.progress;
  const status = shownStatus(study);
  return [
    study.id,
    time(study.created_at),
    status.charAt(0).toUpperCase() + status.slice(1),
    modeWords(study.mode),
    count(trials_performed),
    percent(best_accuracy),
    percent(study.test_accuracy),
    tags.join(", "),
    note ?? "",
  ];
}

/** Raw values in full precision, for a file; a value that does not exist is empty. */
export function historyRecord(study: HistoryStudy): string[] {
  const cells = historyCells(study);
  const raw = (accuracy: number | null) => (accuracy === null ? "" : String(accuracy));
  return [
    study.id,
    study.created_at,
    study.status,
    study.mode,
    String(study.progress.trials_performed),
    raw(accuracyOf(study, "validation")),
    raw(accuracyOf(study, "test")),
    ...cells.slice(7),
    study.dataset,
  ];
}

export const RECORD_COLUMNS = [
  "study",
  "created_at",
  "status",
  "mode",
  "trials_performed",
  "best_val_accuracy",
  "test_accuracy",
  "tags",
  "note",
  "dataset",
];
