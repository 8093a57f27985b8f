import type { LayerBox } from "./types";

/** Which layers feed which, by number, and which lie on a shortcut beside the main line. */
export interface Connections {
  pairs: (readonly [from: number, to: number])[];
  shortcut: Set<number>;
}

/**
 * The API lists layers in order without their inputs. The names that the built-in networks give tell their shortcuts:
 * blockN_shortcut… and the sum blockN_add. All other layers are connected in the order of the list.
 */
export function connections(layers: readonly LayerBox[]): Connections {
  const blocks = layers.map((layer) => /^block(\d+)_/.exec(layer.layer_id ?? "")?.[1]);
  const shortcut = new Set<number>();
  layers.forEach((layer, index) => {
    if (/^block\d+_shortcut/.test(layer.layer_id ?? "")) shortcut.add(index);
  });
  const pairs: (readonly [number, number])[] = [];
  let previous: number | undefined;
  layers.forEach((layer, index) => {
    if (shortcut.has(index)) return;
    if (previous !== undefined) pairs.push([previous, index]);
    previous = index;
    const block = blocks[index];
    if (block === undefined || layer.layer_id !== `block${block}_add`) return;
    const source = blocks.indexOf(block) - 1;
    if (source < 0) return;
    const beside = [...shortcut].filter((other) => blocks[other] === block && other < index);
    const way = [source, ...beside, index];
    for (const [place, to] of way.slice(1).entries()) pairs.push([way[place] ?? source, to]);
  });
  return { pairs, shortcut };
}
