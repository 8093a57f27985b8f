/** The list of data sets: search, order and words. Pure. */
import { count } from "../format";
import { plural } from "../sentence";
import { matches } from "../specOptions";

export interface DatasetLine {
  name: string;
  kind: string;
  samples: number;
  classes: number;
  source: string;
}

export const SORTS = ["source", "name", "samples", "classes"] as const;
export type DatasetSort = (typeof SORTS)[number];
export const SORT_WORDS: Readonly<Record<DatasetSort, string>> = {
  source: "Own first",
  name: "Name",
  samples: "Most samples",
  classes: "Most classes",
};

const OWN = ["uploaded", "registered"];

/** Whether a person added it to this server. */
export function isOwn({ source }: Pick<DatasetLine, "source">): boolean {
  return OWN.includes(source);
}

export function shownDatasets<D extends DatasetLine>(datasets: readonly D[], search: string, sort: DatasetSort): D[] {
  const found = datasets.filter((one) => matches(search, one.name, kindWords(one.kind), sourceWords(one.source)));
  const byName = (one: D, other: D) => one.name.localeCompare(other.name, "en");
  const orders: Record<DatasetSort, (one: D, other: D) => number> = {
    source: (one, other) => Number(isOwn(other)) - Number(isOwn(one)),
    name: byName,
    samples: (one, other) => other.samples - one.samples || byName(one, other),
    classes: (one, other) => other.classes - one.classes || byName(one, other),
  };
  return found.sort(orders[sort]);
}

export function kindWords(kind: string): string {
  return { image: "Images", text: "Texts", signal: "Signals", table: "Tables" }[kind] ?? "Other";
}

/** Where it comes from: a host becomes "downloaded when a search needs it". */
export function sourceWords(source: string): string {
  const words: Record<string, string> = {
    "built in": "Built in",
    uploaded: "Uploaded",
    registered: "On the server's disk",
    "in the data folder": "In the data folder",
    downloaded: "Downloaded",
  };
  return words[source] ?? "Downloaded when a search needs it";
}

/** "14 data sets: 3 of your own, 5 ready on this server, 6 downloaded when a search needs them." */
export function listSentence(datasets: readonly DatasetLine[]): string {
  const own = datasets.filter(isOwn).length;
  const remote = datasets.filter(({ source }) => !isOwn({ source }) && isRemote(source)).length;
  const ready = datasets.length - own - remote;
  const parts = [
    own > 0 && `${count(own)} of your own`,
    ready > 0 && `${count(ready)} ready on this server`,
    remote > 0 && `${count(remote)} downloaded when a search needs ${remote === 1 ? "it" : "them"}`,
  ].filter((part): part is string => part !== false);
  return `${plural(datasets.length, "data set")}: ${parts.join(", ")}.`;
}

function isRemote(source: string): boolean {
  return sourceWords(source).startsWith("Downloaded when");
}
