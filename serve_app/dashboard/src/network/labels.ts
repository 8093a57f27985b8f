/** A label whose top centre is at (x, y), in pixels. Higher priorities are placed first. */
export interface Candidate {
  key: string;
  x: number;
  y: number;
  width: number;
  height: number;
  priority: number;
}

const MARGIN = 4;

/** The labels that fit without covering each other, all inside of the picture. */
export function placedLabels(candidates: readonly Candidate[], width: number, height: number): Set<string> {
  const placed: Candidate[] = [];
  const inside = candidates.filter(
    (label) =>
      label.x >= label.width / 4 &&
      label.x <= width - label.width / 4 &&
      label.y >= 0 &&
      label.y + label.height <= height,
  );
  for (const label of [...inside].sort((a, b) => b.priority - a.priority)) {
    if (!placed.some((other) => overlap(label, other))) placed.push(label);
  }
  return new Set(placed.map((label) => label.key));
}

function overlap(a: Candidate, b: Candidate): boolean {
  const apart = Math.abs(a.x - b.x) >= (a.width + b.width) / 2 + MARGIN;
  return !apart && a.y < b.y + b.height + MARGIN && b.y < a.y + a.height + MARGIN;
}

/** Width of a text of 11 pixels without measuring it, so that a server and a test get the same. */
export const textWidth = (text: string): number => text.length * 6.1;

/** The selected layer first, then those with most parameters, then the other ones. */
export function labelPriority(selected: boolean, minor: boolean, parameters: number): number {
  return (selected ? 1000 : 0) + (minor ? 0 : 100) + Math.log2(parameters + 1);
}
