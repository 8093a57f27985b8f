/**
 * Colours of the layers: by kind, or by numbers in bands, where a colour never stands without its number. They are
 * colours of data, equal in both themes and in exported pictures. A canvas cannot use CSS variables.
 */
import { percent } from "../model/format";
import { CHANGE_MARKS } from "./changeMarks";
import { layerKind } from "./kinds";
import type { Change, LayerBox, LayerKind, NetworkLayout } from "./types";

export const COLOUR_BY = ["score", "kind", "health", "parameters"] as const;
export type OwnColour = (typeof COLOUR_BY)[number];
/** What colours a layer; "difference": how it differs from the other network that is laid over it. */
export type ColourBy = OwnColour | "difference";
export const SCALES = ["usual", "colour-blind"] as const;
export type Scale = (typeof SCALES)[number];

export interface Band {
  /** Values from here on; null: the value is not known. */
  from: number | null;
  colour: string;
  label: string;
}

const GREEN = "#2a9d5c";
const AMBER = "#e0a326";
const RED = "#d6453d";
const GREY = "#8a919c";
/** No value: lighter than grey, and bluish, so that it is not read as a bad score. */
const UNKNOWN = "#a9b8cf";
/** Okabe and Ito, Color Universal Design, 2008: blue, sky blue, orange. */
const BLUE = "#0072b2";
const SKY = "#56b4e9";
const ORANGE = "#e69f00";

const GOOD: Record<Scale, readonly [string, string, string]> = {
  usual: [GREEN, AMBER, RED],
  "colour-blind": [BLUE, SKY, ORANGE],
};
/** From few to many parameters: one hue from light to dark, and Viridis, which also differs in lightness. */
const AMOUNTS: Record<Scale, readonly string[]> = {
  usual: ["#bcd3f5", "#8fb4ee", "#5f90e0", "#376cc8", "#1f4a99"],
  "colour-blind": ["#c8e020", "#5ec962", "#21918c", "#3b528b", "#440154"],
};
const POWERS = [1, 1_000, 10_000, 100_000, 1_000_000];
const POWER_LABELS = ["1 to 999", "1,000 to 9,999", "10,000 to 99,999", "100,000 to 999,999", "1,000,000 and more"];

/**
 * Kinds of layers that have one colour. The hues are those of curves: people with any colour vision tell them apart, and
 * each has a contrast of at least 3 on the surface of both themes.
 */
const KIND_GROUPS: readonly { colour: string; label: string; kinds: readonly LayerKind[] }[] = [
  { colour: "#2f7fd6", label: "convolution", kinds: ["convolution"] },
  { colour: "#3a93b8", label: "recurrent, embedding, attention", kinds: ["recurrent", "embedding", "attention"] },
  { colour: "#d9600b", label: "dense", kinds: ["dense"] },
  { colour: "#a97a00", label: "pooling", kinds: ["pooling"] },
  { colour: "#b565a7", label: "normalisation", kinds: ["normalisation"] },
  { colour: "#12936c", label: "activation, dropout", kinds: ["activation", "dropout"] },
];
const OTHER_KIND = "#7d8590";

/** Layers that differ, as values of their bands. */
const CHANGE_VALUES: Readonly<Record<Change, number>> = { added: 3, changed: 2, removed: 1 };

/** The bands of a legend, from the highest value to the unknown. */
export function bands(by: ColourBy, scale: Scale): Band[] {
  const [good, fair, poor] = GOOD[scale];
  if (by === "kind") {
    const kinds = KIND_GROUPS.map(({ colour, label }, place) => ({ from: KIND_GROUPS.length - place, colour, label }));
    return [...kinds, { from: null, colour: OTHER_KIND, label: "input and others" }];
  }
  if (by === "difference") {
    return [
      { from: CHANGE_VALUES.added, colour: good, label: `${CHANGE_MARKS.added} added` },
      { from: CHANGE_VALUES.changed, colour: fair, label: `${CHANGE_MARKS.changed} changed` },
      { from: CHANGE_VALUES.removed, colour: poor, label: `${CHANGE_MARKS.removed} removed` },
      { from: null, colour: GREY, label: "the same" },
    ];
  }
  if (by === "score") {
    return [
      { from: 0.9, colour: good, label: "90 % and more" },
      { from: 0.8, colour: fair, label: "80 to 90 %" },
      { from: 0.7, colour: poor, label: "70 to 80 %" },
      { from: Number.NEGATIVE_INFINITY, colour: GREY, label: "below 70 %" },
      { from: null, colour: UNKNOWN, label: "no score yet" },
    ];
  }
  if (by === "health") {
    return [
      { from: 0.8, colour: good, label: "80 % and more" },
      { from: 0.5, colour: fair, label: "50 to 80 %" },
      { from: Number.NEGATIVE_INFINITY, colour: poor, label: "below 50 %" },
      { from: null, colour: UNKNOWN, label: "not measured, or without weights" },
    ];
  }
  const amounts = POWERS.map((from, place) => ({
    from,
    colour: AMOUNTS[scale][place] ?? UNKNOWN,
    label: POWER_LABELS[place] ?? "",
  }));
  return [...amounts.reverse(), { from: null, colour: GREY, label: "no parameters" }];
}

export function colourOf(bandsOf: readonly Band[], value: number | null | undefined): string {
  const known = value !== null && value !== undefined && Number.isFinite(value);
  const found = known ? bandsOf.find((band) => band.from !== null && value >= band.from) : undefined;
  return (found ?? bandsOf[bandsOf.length - 1])?.colour ?? UNKNOWN;
}

/** What colours one layer. Of layers that are drawn once, the worst health shows. */
export function layerValue(by: ColourBy, layers: readonly LayerBox[], score: number | null): number | null {
  if (by === "score") return score;
  if (by === "kind") return layers[0] === undefined ? null : kindValue(layers[0]);
  if (by === "difference") return layers[0]?.change === undefined ? null : CHANGE_VALUES[layers[0].change];
  if (by === "parameters") return layers[0]?.parameters ?? null;
  const known = layers.flatMap((layer) => layer.health ?? []);
  return known.length === 0 ? null : Math.min(...known);
}

function kindValue(layer: LayerBox): number | null {
  const kind = layerKind(layer.layer_type);
  const place = KIND_GROUPS.findIndex(({ kinds }) => kinds.includes(kind));
  return place < 0 ? null : KIND_GROUPS.length - place;
}

/** The colour of each block of a layout, by its key. */
export function blockColours(
  { layers, blocks }: NetworkLayout,
  by: ColourBy,
  scale: Scale,
  score: number | null,
): ReadonlyMap<string, string> {
  const shown = bands(by, scale);
  return new Map(
    blocks.map(({ key, members }) => {
      const drawn = members.flatMap((member) => layers[member] ?? []);
      return [key, colourOf(shown, layerValue(by, drawn, score))];
    }),
  );
}

const TITLES: Record<ColourBy, string> = {
  kind: "Kind of layer",
  score: "Total score of the trial",
  health: "Health of each layer",
  parameters: "Parameters of each layer",
  difference: "Against the other network",
};

/** What the colours show, the score with its value: "Total score of the trial: 97.4 %". */
export function legendTitle(by: ColourBy, score: number | null): string {
  if (by !== "score") return TITLES[by];
  return score === null ? `${TITLES.score}: not known yet` : `${TITLES.score}: ${percent(score)}`;
}

/** The same hue, lighter (above 1) or darker. */
export function shaded(colour: string, factor: number): string {
  const parts = [1, 3, 5].map((place) => Number.parseInt(colour.slice(place, place + 2), 16));
  const scaled = parts.map((part) => (factor <= 1 ? part * factor : part + (255 - part) * (factor - 1)));
  return `#${scaled.map((part) => Math.round(part).toString(16).padStart(2, "0")).join("")}`;
}
