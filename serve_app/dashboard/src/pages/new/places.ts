import { BASIC, type SpecOption } from "../../model/specOptions";
import { SPACE_GROUP } from "./Advanced";

const ALWAYS_SHOWN = new Set<string>([...BASIC, "accuracy_weight", "health_weights"]);

/** The group of "Advanced" that a field stands in; null if it is always in view. */
export function groupOf(field: string, options: readonly SpecOption[]): string | null {
  if (ALWAYS_SHOWN.has(field)) return null;
  if (field.startsWith("space.") || field === "space") return SPACE_GROUP;
  return options.find((one) => one.name === field)?.group ?? null;
}
