/** The data sets as the form lists them. */
import { count, value } from "./format";
import { matches } from "./specOptions";

export interface DatasetLike {
  name: string;
  kind: string;
  samples: number;
  classes: number;
  source: string;
}

const KINDS: Record<string, string> = { image: "images", text: "texts" };

/** The entries of the list: those that the search finds, and the chosen one in any case. */
export function datasetChoices(datasets: readonly DatasetLike[], search: string, chosen: string) {
  const found = datasets.filter((one) => matches(search, one.name, KINDS[one.kind] ?? one.kind, one.source));
  const shown = datasets.filter((one) => found.includes(one) || one.name === chosen);
  const choices = shown.map((one) => ({
    value: one.name,
    label: `${one.name} · ${KINDS[one.kind] ?? one.kind}, ${count(one.classes)} classes`,
  }));
  const known = datasets.some((one) => one.name === chosen);
  if (!known && chosen !== "") choices.unshift({ value: chosen, label: `${chosen} · not on this server` });
  return { choices, found: found.length };
}

/** The facts of a data set in one line. `share`: the part of its training samples that the search uses, in (0, 1]. */
export function datasetFacts(entry: DatasetLike | undefined, share = 1): string {
  if (!entry) return "This server does not have this data set.";
  const kind = entry.kind === "text" ? "Texts" : "Images";
  const isRemote = entry.source.startsWith("download from ") || entry.source.includes("://");
  const source = isRemote ? "downloaded once, when a search needs it" : entry.source;
  const facts = `${kind}: ${count(entry.samples)} samples of ${count(entry.classes)} classes, ${source}.`;
  if (!(share > 0 && share < 1)) return facts;
  return `${facts} This search uses ${value(share * 100)}\u00a0% of the training samples, and all test samples.`;
}

/** How to add a data set of one's own: from a terminal of the server's machine, and from any other machine. */
export function ownDataCommands(origin: string): { add: string; upload: string } {
  return {
    add: "tuner datasets add leaves /path/to/leaves",
    upload: `curl --data-binary @leaves.npz '${origin}/datasets?name=leaves&format=npz'`,
  };
}
