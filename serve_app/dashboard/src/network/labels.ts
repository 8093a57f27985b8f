/**
 * Which labels stand where, for the flat drawing and the scene alike: below all blocks at their place (of a shortcut
 * above), never over each other. What does not fit is left out, the least important first; the list of layers has all.
 */
import type { NetworkLayout } from "./types";
import { labelLines } from "./words";

export const LINE_HEIGHT = 14;
const GAP = 6;
const MARGIN = 4;
/** Free pixels between two labels in a row: with fewer they read as one text. */
const BESIDE = 12;

/** Where a block appears in the picture, in pixels. */
export interface Extent {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** A label whose top centre is at (x, y), in pixels. */
export interface PlacedLabel {
  key: string;
  x: number;
  y: number;
  lines: readonly string[];
}

interface Candidate extends PlacedLabel {
  width: number;
  height: number;
  /** Higher ones are placed first. */
  priority: number;
}

export interface Picture {
  width: number;
  height: number;
  /** Blocks whose labels come first: the selected one, and the one under the pointer. */
  emphasised: readonly (string | null)[];
}

/** The labels that fit. `extents` has no entry for a block that is behind the camera. */
export function networkLabels(
  layout: NetworkLayout,
  extents: ReadonlyMap<string, Extent>,
  picture: Picture,
): PlacedLabel[] {
  const all = [...extents.values()];
  const wanted: Candidate[] = [];
  for (const block of layout.blocks) {
    const at = extents.get(block.key);
    if (!at) continue;
    const lines = labelLines(block);
    const size = { width: Math.max(...lines.map(textWidth)), height: lines.length * LINE_HEIGHT };
    const middle = (at.left + at.right) / 2;
    if (middle < 0 || middle > picture.width) continue;
    // At an edge of the picture the label moves inwards.
    const reach = size.width / 2 + MARGIN;
    const x = Math.max(reach, Math.min(middle, picture.width - reach));
    const special = picture.emphasised.includes(block.key);
    const beside = all.filter(({ left, right }) => left < x + size.width / 2 && right > x - size.width / 2);
    const free =
      block.centre[1] > 0
        ? Math.min(...beside.map(({ top }) => top)) - size.height - GAP
        : Math.max(...beside.map(({ bottom }) => bottom)) + GAP;
    // Of a block that fills the picture, the label of the selected one stays inside.
    const y = special ? Math.max(0, Math.min(free, picture.height - size.height - MARGIN)) : free;
    const priority = (special ? 1000 : 0) + (block.minor ? 0 : 100) + Math.log2(block.layer.parameters + 1);
    wanted.push({ key: block.key, x, y, lines, priority, ...size });
  }
  return placed([...wanted, ...repeatLabels(layout, extents)], picture.width, picture.height);
}

/** "× 4" above the blocks that are drawn once. */
function repeatLabels(layout: NetworkLayout, extents: ReadonlyMap<string, Extent>): Candidate[] {
  return layout.repeats.flatMap(({ keys, times }) => {
    const parts = keys.flatMap((key) => extents.get(key) ?? []);
    if (parts.length === 0) return [];
    const x = (Math.min(...parts.map(({ left }) => left)) + Math.max(...parts.map(({ right }) => right))) / 2;
    const y = Math.min(...parts.map(({ top }) => top)) - LINE_HEIGHT - GAP;
    const text = `× ${times}`;
    const size = { width: textWidth(text), height: LINE_HEIGHT };
    return { key: `repeat ${keys[0] ?? ""}`, x, y, lines: [text], priority: 500, ...size };
  });
}

function placed(wanted: readonly Candidate[], width: number, height: number): PlacedLabel[] {
  const inside = wanted.filter(
    (label) => label.x > 0 && label.x < width && label.y >= 0 && label.y + label.height <= height,
  );
  const taken: Candidate[] = [];
  for (const label of [...inside].sort((a, b) => b.priority - a.priority)) {
    if (!taken.some((other) => overlap(label, other))) taken.push(label);
  }
  return wanted.filter((label) => taken.includes(label)).map(({ key, x, y, lines }) => ({ key, x, y, lines }));
}

function overlap(a: Candidate, b: Candidate): boolean {
  const apart = Math.abs(a.x - b.x) >= (a.width + b.width) / 2 + BESIDE;
  return !apart && a.y < b.y + b.height + MARGIN && b.y < a.y + a.height + MARGIN;
}

/** Width of a text of 11 pixels, without measuring it: so the page, a file and a test get the same. */
const textWidth = (text: string): number => text.length * 6.4;
