/** What an upload needs before it is sent: a name, a format, and a file that fits. Pure. */
import { asSentence } from "../sentence";

export const FORMATS = ["npz", "csv", "tsv", "json", "jsonl", "parquet", "csv.gz", "zip"] as const;
export type UploadFormat = (typeof FORMATS)[number];

export const FORMAT_WORDS: Readonly<Record<UploadFormat, string>> = {
  zip: "Images: a .zip file with one folder per class",
  npz: "Images or texts: an .npz file with the arrays x and y",
  csv: "Texts: a .csv table with the columns text and label",
  tsv: "Texts: a .tsv table with the columns text and label",
  json: "Texts: a .json list of objects with text and label",
  jsonl: "Texts: a .jsonl file, one object with text and label per line",
  parquet: "Texts: a .parquet table with the columns text and label",
  "csv.gz": "Texts: a compressed .csv table",
};

/** Suffixes for the file dialog. */
export const SUFFIXES = FORMATS.map((format) => `.${format}`);

/** The format that a file's name says; null: it says none that can be uploaded. */
export function formatOf(file: string): UploadFormat | null {
  const lower = file.toLowerCase();
  if (lower.endsWith(".ndjson")) return "jsonl";
  // The longest suffix decides: table.csv.gz is no .gz file of its own.
  return [...FORMATS].sort((a, b) => b.length - a.length).find((format) => lower.endsWith(`.${format}`)) ?? null;
}

/** A name for the data set from that of its file: "My Photos (2).zip" gives "My-Photos-2". */
export function nameOf(file: string): string {
  const format = formatOf(file);
  const stem = format === null ? file.replace(/\.[^.]*$/, "") : file.slice(0, -format.length - 1);
  return stem
    .normalize("NFKD")
    .replace(/[^A-Za-z0-9._-]+/g, "-")
    .replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, "")
    .slice(0, LONGEST);
}

const LONGEST = 80;
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$/;

export interface Draft {
  name: string;
  format: UploadFormat | "";
  file: { name: string; size: number } | null;
}

export type UploadErrors = Partial<Record<"name" | "format" | "file", string>>;

/** What is missing or wrong, by field; empty: it can be sent. */
export function draftErrors({ name, format, file }: Draft, taken: readonly string[]): UploadErrors {
  const errors: UploadErrors = {};
  if (file === null) errors.file = "Choose a file.";
  else if (file.size === 0) errors.file = "This file is empty.";
  if (format === "") errors.format = "Choose what the file holds.";
  if (name === "") errors.name = "Give it a name.";
  else if (!NAME.test(name)) {
    errors.name =
      "Use letters, digits, dots, dashes and underscores, at most 80. The first one is a letter or a digit.";
  } else if (taken.includes(name)) errors.name = "This name is taken. Choose another one.";
  return errors;
}

interface ProblemLike {
  status: number;
  message: string;
  remedy: string | null;
  errors: readonly { field: string; message: string }[];
}

const CONFLICT = 409;
/** Problems with the content, the size or the time: they are about the file. */
const OF_FILE = [408, 413, 422, 507];

/** Where the errors of the server belong; null: to no field, so the whole form shows it. */
export function serverErrors(problem: ProblemLike): UploadErrors | null {
  const errors: UploadErrors = {};
  for (const { field, message } of problem.errors) {
    const place = field === "name" || field === "format" ? field : "file";
    errors[place] = [errors[place], asSentence(message)].filter(Boolean).join(" ");
  }
  if (Object.keys(errors).length > 0) return errors;
  const text = [problem.message, problem.remedy]
    .filter((part) => part !== null && part !== "")
    .map(asWords)
    .join(" ");
  if (problem.status === CONFLICT) return { name: text };
  return OF_FILE.includes(problem.status) ? { file: text } : null;
}

function asWords(text: string | null): string {
  return asSentence(text ?? "");
}
