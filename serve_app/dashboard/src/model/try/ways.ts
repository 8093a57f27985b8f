/** The ways to give a model an input, from what its schema says. Pure. */
import type { PredictionSchema } from "../../api/shapes";

export const WAYS = ["draw", "image", "text", "sample"] as const;
export type Way = (typeof WAYS)[number];

export const WAY_WORDS: Readonly<Record<Way, string>> = {
  draw: "Draw",
  image: "Image",
  text: "Text",
  sample: "Sample",
};

/** Longest side, in pixels, of images that a person can draw with a pen. */
const MOST_DRAWN = 64;

type Shape = Pick<PredictionSchema, "input" | "shape">;

/** The ways that make sense for the model, the most natural one first. Samples of the data always work. */
export function waysOf(schema: Shape): Way[] {
  const shape = imageShape(schema);
  const ways: Way[] = [];
  if (takesFiles(schema)) {
    if (shape !== null && shape.channels === 1 && Math.max(shape.height, shape.width) <= MOST_DRAWN) ways.push("draw");
    ways.push("image");
  }
  if (takesTexts(schema)) ways.push("text");
  return [...ways, "sample"];
}

export interface ImageShape {
  height: number;
  width: number;
  channels: number;
}

/** Height, width and channels in pixels; null: the model takes no images. */
export function imageShape({ shape }: Pick<PredictionSchema, "shape">): ImageShape | null {
  const [height, width, channels] = shape?.slice(-3) ?? [];
  if (height === undefined || width === undefined || channels === undefined) return null;
  return height > 0 && width > 0 && channels > 0 ? { height, width, channels } : null;
}

/** Whether the model takes image files in base64. */
export function takesFiles({ input }: Pick<PredictionSchema, "input">): boolean {
  const kinds = Array.isArray(input.anyOf) ? (input.anyOf as Record<string, unknown>[]) : [input];
  return kinds.some((kind) => kind.contentEncoding === "base64");
}

export function takesTexts({ input }: Pick<PredictionSchema, "input">): boolean {
  return input.type === "string" && input.contentEncoding === undefined;
}

type FileFormat = "csv" | "tsv" | "txt" | "json" | "jsonl" | "parquet" | "csv.gz" | "zip" | "npz";
const OF_TEXTS: readonly FileFormat[] = ["csv", "tsv", "txt", "json", "jsonl", "parquet", "csv.gz", "zip", "npz"];
const OF_IMAGES: readonly FileFormat[] = ["zip", "npz", "csv", "tsv", "jsonl", "parquet", "csv.gz"];

/** Formats of files with many inputs that the model can classify. */
export function fileFormats(schema: Pick<PredictionSchema, "input">): readonly FileFormat[] {
  if (takesTexts(schema)) return OF_TEXTS;
  return takesFiles(schema) ? OF_IMAGES : ["npz"];
}

/** The format that a file's name says; null: it is none that the model can classify. */
export function fileFormat(schema: Pick<PredictionSchema, "input">, name: string): FileFormat | null {
  const lower = name.toLowerCase().replace(/\.ndjson$/, ".jsonl");
  return fileFormats(schema).find((format) => lower.endsWith(`.${format}`)) ?? null;
}

/** What such a file holds, as a sentence. */
export function fileWords(schema: Pick<PredictionSchema, "input">): string {
  if (takesTexts(schema))
    return "A table with the column text (.csv, .tsv, .jsonl, .parquet), or one text per line (.txt).";
  return takesFiles(schema)
    ? "A .zip file of images, or an .npz file with the array x."
    : "An .npz file with the array x.";
}
