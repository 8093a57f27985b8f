/** The answer of `GET /options`, checked: whatever is missing is left out, so that the rest of the form works. */
import type { SpecOption } from "./specOptions";
import type { SpaceRow } from "./specSpace";

export interface OptionsDocument {
  fields: SpecOption[];
  /** The default search space by kind of data: `images` and `texts`. */
  space: Readonly<Record<string, SpaceRow[]>>;
}

export function optionsDocument(answer: unknown): OptionsDocument {
  const { fields, search_space: space } = record(answer);
  return {
    fields: list(fields).filter(isOption),
    space: Object.fromEntries(Object.entries(record(space)).map(([kind, rows]) => [kind, list(rows).filter(isRow)])),
  };
}

/** The rows of the search space for a kind of data set; images are the usual ones. */
export function spaceOfKind(document: OptionsDocument, kind: string | null | undefined): readonly SpaceRow[] {
  return document.space[kind === "text" ? "texts" : "images"] ?? [];
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function isOption(value: unknown): value is SpecOption {
  const one = record(value);
  return ["name", "group", "kind", "default", "meaning", "type"].every((name) => typeof one[name] === "string");
}

function isRow(value: unknown): value is SpaceRow {
  const one = record(value);
  return ["name", "range", "widest", "only_with", "meaning"].every((name) => typeof one[name] === "string");
}
