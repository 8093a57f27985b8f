/**
 * Where each layer of a network is drawn: the one layout of the 3D scene, the SVG and the silhouettes. Left to right in
 * the order of the layers; sizes by the logarithm of the output's shape; a pure function of the layers.
 */
import { MARK_HEIGHT } from "./changeMarks";
import { connections } from "./connections";
import { foldRepeats } from "./fold";
import { isMinor, layerKind, layerSize, shapeOf } from "./kinds";
import type { Block, Bounds, LayerBox, LayerKind, Link, NetworkLayout, Point, Repeat } from "./types";

export interface LayoutOptions {
  /** Draw equal rows of layers once; true unless said otherwise. */
  fold?: boolean;
}

const GAP = 0.9;
const MINOR_GAP = 0.32;
/** Height of a shortcut above the layers that it passes. */
const LIFT = 0.9;
const STUB = 0.16;

export function layoutNetwork(layers: readonly LayerBox[], options: LayoutOptions = {}): NetworkLayout {
  const { pairs, shortcut } = connections(layers);
  const row = foldRepeats(layers, shortcut, options.fold ?? true);
  const sketches = row.places.map((place) => sketch(layers, place.members));
  const blocks = named(inLine(sketches, shortcut));
  const placed = liftShortcuts(blocks, pairs, shortcut);
  const repeats = row.repeats.map(({ first, last, times }) => repeatOf(placed.slice(first, last + 1), times));
  const links = linksBetween(placed, pairs);
  return { layers, blocks: placed, links, repeats, bounds: boundsOf(placed, links) };
}

/** The block that draws a layer, by the layer's number. */
export function blockOf(layout: NetworkLayout, layer: number | null): Block | undefined {
  return layer === null ? undefined : layout.blocks.find((block) => block.members.includes(layer));
}

type Sketch = Omit<Block, "key">;

function sketch(layers: readonly LayerBox[], members: readonly number[]): Sketch {
  const layer = layers[members[0] ?? 0] as LayerBox;
  const kind = layerKind(layer.layer_type);
  const size = layerSize(kind, layer);
  return { kind, shape: shapeOf(kind), centre: [0, 0, 0], size, layer, members, minor: isMinor(kind) };
}

/** Put the sketches of the main line behind each other along x. */
function inLine(sketches: readonly Sketch[], shortcut: ReadonlySet<number>): Sketch[] {
  let right = 0;
  let before: Sketch | undefined;
  return sketches.map((sketch) => {
    if (shortcut.has(sketch.members[0] ?? -1)) return sketch;
    // A step such as an activation stands close to the layer before it.
    const gap = before === undefined ? 0 : sketch.minor ? MINOR_GAP : GAP;
    const x = right + gap + sketch.size[0] / 2;
    right = x + sketch.size[0] / 2;
    before = sketch;
    return { ...sketch, centre: [x, 0, 0] };
  });
}

function named(sketches: readonly Sketch[]): Block[] {
  const counts = new Map<LayerKind, number>();
  return sketches.map((sketch) => {
    const number = (counts.get(sketch.kind) ?? 0) + 1;
    counts.set(sketch.kind, number);
    return { ...sketch, key: `${sketch.kind}-${number}` };
  });
}

type Pair = readonly [number, number];

/** Put the layers of each shortcut above those that it passes, spread between its two ends. */
function liftShortcuts(blocks: readonly Block[], pairs: readonly Pair[], shortcut: ReadonlySet<number>): Block[] {
  const placed = new Map(blocks.map((block) => [block.key, block]));
  const at = blocksByLayer(blocks);
  for (const [from, to] of pairs) {
    if (shortcut.has(from) || !shortcut.has(to)) continue;
    const way = [to];
    for (
      let end = pairs.find(([start]) => start === to)?.[1];
      end !== undefined;
      end = pairs.find(([s]) => s === end)?.[1]
    ) {
      way.push(end);
      if (!shortcut.has(end)) break;
    }
    const [source, target] = [at.get(from), at.get(way[way.length - 1] ?? to)];
    const lifted = way.slice(0, -1).flatMap((layer) => at.get(layer) ?? []);
    if (!source || !target || lifted.length === 0) continue;
    const [left, right] = [rightOf(source), target.centre[0] - target.size[0] / 2];
    const floor = topBetween(blocks, left, right, shortcut) + LIFT;
    const height = Math.max(...lifted.map((block) => block.size[1]));
    lifted.forEach((block, place) => {
      const x = left + ((right - left) * (place + 1)) / (lifted.length + 1);
      placed.set(block.key, { ...block, centre: [x, floor + height / 2, 0] });
    });
  }
  return blocks.map((block) => placed.get(block.key) ?? block);
}

function linksBetween(blocks: readonly Block[], pairs: readonly Pair[]): Link[] {
  const at = blocksByLayer(blocks);
  const links = new Map<string, Link>();
  for (const [first, second] of pairs) {
    const [from, to] = [at.get(first), at.get(second)];
    // Between two copies of a repeated row the line would lead back.
    if (!from || !to || from.centre[0] >= to.centre[0]) continue;
    const name = `${from.key} ${to.key}`;
    if (!links.has(name)) links.set(name, { from: from.key, to: to.key, points: way(blocks, from, to) });
  }
  return [...links.values()];
}

/** A straight line to a neighbour; to another height in steps; over the layers between two that are apart. */
function way(blocks: readonly Block[], from: Block, to: Block): Point[] {
  const [left, right] = [rightOf(from), to.centre[0] - to.size[0] / 2];
  const [start, end] = [from.centre[1], to.centre[1]];
  if (start !== end) {
    const bend = end > start ? left + STUB : right - STUB;
    return [
      [left, start, 0],
      [bend, start, 0],
      [bend, end, 0],
      [right, end, 0],
    ];
  }
  const passed = blocks.some((block) => block.centre[1] === start && block.centre[0] > left && block.centre[0] < right);
  if (!passed)
    return [
      [left, start, 0],
      [right, end, 0],
    ];
  const height = topBetween(blocks, left, right, new Set()) + LIFT * 0.7;
  const [up, down] = [left + STUB, right - STUB];
  return [
    [left, start, 0],
    [up, start, 0],
    [up, height, 0],
    [down, height, 0],
    [down, end, 0],
    [right, end, 0],
  ];
}

function blocksByLayer(blocks: readonly Block[]): Map<number, Block> {
  return new Map(blocks.flatMap((block) => block.members.map((member) => [member, block] as const)));
}

const rightOf = (block: Block): number => block.centre[0] + block.size[0] / 2;
const topOf = (block: Block): number => block.centre[1] + block.size[1] / 2;

function topBetween(blocks: readonly Block[], left: number, right: number, without: ReadonlySet<number>): number {
  const between = blocks.filter(
    (block) => block.centre[0] > left && block.centre[0] < right && !without.has(block.members[0] ?? -1),
  );
  return Math.max(0, ...between.map(topOf));
}

function repeatOf(blocks: readonly Block[], times: number): Repeat {
  return {
    keys: blocks.map((block) => block.key),
    times,
    left: Math.min(...blocks.map((block) => block.centre[0] - block.size[0] / 2)),
    right: Math.max(...blocks.map(rightOf)),
    top: Math.max(...blocks.map(topOf)),
  };
}

function boundsOf(blocks: readonly Block[], links: readonly Link[]): Bounds {
  const corners: Point[] = blocks.flatMap(({ centre, size }) => [minus(centre, size), plus(centre, size)]);
  corners.push(...links.flatMap((link) => link.points));
  for (const block of blocks) if (block.layer.change) corners.push([block.centre[0], topOf(block) + MARK_HEIGHT, 0]);
  if (corners.length === 0) corners.push([0, 0, 0]);
  const along = (pick: (...values: number[]) => number): Point => [
    pick(...corners.map((corner) => corner[0])),
    pick(...corners.map((corner) => corner[1])),
    pick(...corners.map((corner) => corner[2])),
  ];
  return { low: along(Math.min), high: along(Math.max) };
}

const plus = (centre: Point, size: Point): Point => [
  centre[0] + size[0] / 2,
  centre[1] + size[1] / 2,
  centre[2] + size[2] / 2,
];
const minus = (centre: Point, size: Point): Point => [
  centre[0] - size[0] / 2,
  centre[1] - size[1] / 2,
  centre[2] - size[2] / 2,
];
