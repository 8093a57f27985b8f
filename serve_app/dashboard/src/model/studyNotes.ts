/** What people wrote about a study, and how many of its trials run at once. */
import type { StudyChange, StudyNotes } from "../api/shapes";

export const LONGEST_NOTE = 10_000;
const MOST_TAGS = 20;
const LONGEST_TAG = 40;

export interface Notes {
  note: string | null;
  tags: readonly string[];
  /** Null: automatic, as many as the machines can hold. */
  workers: number | null;
}

export function notesOf(job: StudyNotes | object): Notes {
  const { note = null, tags = [], concurrent_workers: workers = null } = job as StudyNotes;
  return { note: note === "" ? null : note, tags, workers };
}

/** Tags as a person typed them, separated by commas: each once, without spaces at its ends. */
export function readTags(text: string): string[] {
  const tags = text.split(",").map((tag) => tag.trim().replace(/\s+/g, " "));
  return [...new Set(tags.filter((tag) => tag !== ""))];
}

/** Why the server would refuse these tags; null: it takes them. */
export function tagsFault(tags: readonly string[]): string | null {
  if (tags.length > MOST_TAGS) return `A study has at most ${MOST_TAGS} tags; these are ${tags.length}.`;
  const long = tags.find((tag) => tag.length > LONGEST_TAG);
  return long === undefined
    ? null
    : `A tag has at most ${LONGEST_TAG} characters: “${long.slice(0, LONGEST_TAG)}…” is longer.`;
}

export function noteFault(note: string): string | null {
  return note.length > LONGEST_NOTE ? `A note has at most ${LONGEST_NOTE.toLocaleString("en-US")} characters.` : null;
}

/** Only what differs; null: nothing does. */
export function notesChange(before: Notes, note: string, tags: readonly string[]): StudyChange | null {
  const change: StudyChange = {};
  const text = note.trim() === "" ? null : note;
  if (text !== before.note) change.note = text;
  if (tags.join("\n") !== before.tags.join("\n")) change.tags = [...tags];
  return Object.keys(change).length === 0 ? null : change;
}

/** A number of workers that a person typed; null: it is none. */
export function readWorkers(text: string): number | null {
  return /^\s*\d{1,5}\s*$/.test(text) && Number(text) >= 1 ? Number(text) : null;
}

/** What a change of the number of workers does. */
export function workersText(now: number | null, next: number): string {
  if (next === now) return "This many run now.";
  if (now === null) return "Until now the study runs as many trials as the machines can hold.";
  return next > now
    ? "More trials start as soon as the machines have room for them."
    : "No running trial is stopped: new ones start only when fewer run.";
}
