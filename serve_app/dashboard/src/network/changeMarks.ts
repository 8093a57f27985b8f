/**
 * The signs above layers that differ from another network: plus, minus and a diamond, so that no colour stands alone. In
 * the scene they are bars and octahedrons, which are drawn with the layers and need no draw call of their own.
 */
import type { Mark } from "./drawing";
import { type Instance, rgb } from "./instances";
import type { Block, Change, Point } from "./types";

/** The same signs in words, for labels, lists and the legend. */
export const CHANGE_MARKS: Readonly<Record<Change, string>> = { added: "+", removed: "−", changed: "◆" };

/** Scene units from a layer to its sign's centre, and from there to the sign's ends. */
const ABOVE = 0.42;
const REACH = 0.2;
const BAR = 0.09;
/** Height that a layer needs for its sign. */
export const MARK_HEIGHT = ABOVE + REACH;

const centreOf = ({ centre, size }: Block): Point => [centre[0], centre[1] + size[1] / 2 + ABOVE, centre[2]];

/** The sign of a block in the flat drawing; empty: it has none. */
export function flatMarks(block: Block, colour: string, flat: (point: Point) => readonly [number, number]): Mark[] {
  const { change } = block.layer;
  if (change === undefined) return [];
  const [x, y] = flat(centreOf(block));
  const line = (points: string): Mark => ({
    tag: "polyline",
    attributes: { points, fill: "none", stroke: colour, "stroke-width": 2.5, "vector-effect": "non-scaling-stroke" },
  });
  const at = (across: number, down: number): string => `${round(x + across * REACH)},${round(y + down * REACH)}`;
  if (change === "changed") {
    return [
      { tag: "polygon", attributes: { points: [at(-1, 0), at(0, -1), at(1, 0), at(0, 1)].join(" "), fill: colour } },
    ];
  }
  const bar = line(`${at(-1, 0)} ${at(1, 0)}`);
  return change === "removed" ? [bar] : [bar, line(`${at(0, -1)} ${at(0, 1)}`)];
}

/** The signs in the scene. Their keys have a space, so that no click finds them. */
export function markInstances(blocks: readonly Block[], colour: string): Instance[] {
  const paint = rgb(colour);
  return blocks.flatMap((block) => {
    const { change } = block.layer;
    if (change === undefined) return [];
    const part = (name: string, shape: Instance["shape"], size: Point): Instance => ({
      key: `mark ${block.key} ${name}`,
      shape,
      centre: centreOf(block),
      size,
      colour: paint,
    });
    if (change === "changed") return [part("diamond", "gem", [2 * REACH, 2 * REACH, 2 * REACH])];
    const across = part("across", "box", [2 * REACH, BAR, BAR]);
    return change === "removed" ? [across] : [across, part("upright", "box", [BAR, 2 * REACH, BAR])];
  });
}

const round = (value: number): number => Math.round(value * 1000) / 1000;
