/** What a file of predictions holds, read from the CSV (RFC 4180) that the server made. Pure. */
import { count, percent } from "../format";
import { plural } from "../sentence";

export interface PredictionRow {
  input: string;
  /** The most probable class; empty: the input could not be classified. */
  label: string;
  /** In [0, 1]; null: there is none. */
  probability: number | null;
  unsure: boolean;
  /** Why the input could not be classified; empty: it was. */
  problem: string;
}

export interface PredictionSummary {
  rows: number;
  /** By class, the most frequent one first. */
  classes: { label: string; rows: number }[];
  unsure: number;
  /** Rows that could not be classified. */
  problems: number;
  /** The first rows of the file. */
  first: PredictionRow[];
}

/** Least difference between the two most probable classes, as on the server. */
export const MARGIN = 0.2;
const SHOWN = 20;

/** The fields of each line. Quoted fields may hold commas, quotes and line breaks. */
export function parsedCsv(text: string): string[][] {
  const lines: string[][] = [];
  const field = /("(?:[^"]|"")*"|[^",\r\n]*)(,|\r?\n|$)/y;
  let line: string[] = [];
  while (field.lastIndex < text.length) {
    const found = field.exec(text);
    if (found === null) throw new Error("The file of predictions is no valid CSV.");
    const raw = found[1] ?? "";
    line.push(raw.startsWith('"') ? raw.slice(1, -1).replaceAll('""', '"') : raw);
    if (found[2] !== ",") {
      lines.push(line);
      line = [];
    }
  }
  if (line.length > 0) lines.push([...line, ""]); // the text ends with a comma
  return lines;
}

const CLASSES_BEGIN = 3;

/** Columns: input, label, probability, one for each class, and problem. */
export function summaryOf(csv: string): PredictionSummary {
  const [head = [], ...lines] = parsedCsv(csv);
  const hasProblems = head.length > CLASSES_BEGIN && head.at(-1) === "problem";
  const classesEnd = hasProblems ? head.length - 1 : head.length;
  const rows = lines.map((line): PredictionRow => {
    const [input = "", label = "", share = ""] = line;
    const shares = line.slice(CLASSES_BEGIN, classesEnd).filter((one) => one !== "");
    const [best = 0, second = 0] = shares.map(Number).sort((one, other) => other - one);
    const probability = share === "" ? Number.NaN : Number(share);
    return {
      input,
      label,
      probability: Number.isFinite(probability) ? probability : null,
      unsure: shares.length > 1 && best - second < MARGIN,
      problem: hasProblems ? (line[classesEnd] ?? "") : "",
    };
  });
  const counts = new Map<string, number>();
  for (const { label, problem } of rows) if (problem === "") counts.set(label, (counts.get(label) ?? 0) + 1);
  return {
    rows: rows.length,
    classes: [...counts].map(([label, found]) => ({ label, rows: found })).sort((a, b) => b.rows - a.rows),
    unsure: rows.filter((row) => row.unsure).length,
    problems: rows.filter((row) => row.problem !== "").length,
    first: rows.slice(0, SHOWN),
  };
}

/** "120 inputs classified: most often cat (60.0 %). The model is unsure about 4." */
export function summarySentence({ rows, classes, unsure, problems }: PredictionSummary): string {
  if (rows === 0) return "The file holds no inputs.";
  const failed = problems === 0 ? "" : ` ${plural(problems, "input")} could not be classified: see the column problem.`;
  const [most] = classes;
  if (most === undefined) return `No input was classified.${failed}`;
  const classified = rows - problems;
  const often = `most often ${most.label} (${percent(most.rows / classified)})`;
  const doubt = unsure === 0 ? "The model is sure about all of them." : `The model is unsure about ${count(unsure)}.`;
  return `${plural(classified, "input")} classified: ${often}. ${doubt}${failed}`;
}

/** Name of the file that is saved: "photos.zip" gives "photos-predictions.csv". */
export function predictionsName(name: string): string {
  return `${name.replace(/\.[^.]*$/, "")}-predictions.csv`;
}
