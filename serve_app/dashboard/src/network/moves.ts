/** What keys and buttons do with the view, and which layer an arrow key selects. */
import type { Point } from "./types";
import { bounded, FIT, type View } from "./view";

export type Direction = "left" | "right" | "up" | "down";

const TURN = Math.PI / 12;
const STEP = 0.8;
const CLOSER = 1.25;
const SIGNS: Record<Direction, readonly [number, number]> = { left: [-1, 0], right: [1, 0], up: [0, 1], down: [0, -1] };

/** The camera goes around the network to that side. */
export function turned(view: View, direction: Direction): View {
  const [x, y] = SIGNS[direction];
  return bounded({ ...view, azimuth: view.azimuth + x * TURN, polar: view.polar - y * TURN });
}

/** The camera goes to that side; farther if it is far away. */
export function moved(view: View, direction: Direction): View {
  const [x, y] = SIGNS[direction];
  const step = STEP / Math.min(4, Math.max(0.5, view.zoom));
  const [cos, sin] = [Math.cos(view.azimuth), Math.sin(view.azimuth)];
  const target: Point = [view.target[0] + x * step * cos, view.target[1] + y * step, view.target[2] - x * step * sin];
  return bounded({ ...view, target });
}

export const zoomed = (view: View, closer: boolean): View =>
  bounded({ ...view, zoom: view.zoom * (closer ? CLOSER : 1 / CLOSER) });

export interface KeyPress {
  key: string;
  shiftKey: boolean;
  altKey: boolean;
  ctrlKey: boolean;
  metaKey: boolean;
}

const ARROWS: Record<string, Direction> = { ArrowLeft: "left", ArrowRight: "right", ArrowUp: "up", ArrowDown: "down" };

/** The view after a key; null: the key moves no camera. Shift turns, Alt moves, + and - zoom, 0 fits. */
export function viewAfterKey(view: View, press: KeyPress): View | null {
  if (press.ctrlKey || press.metaKey) return null;
  const direction = ARROWS[press.key];
  if (direction && press.shiftKey) return turned(view, direction);
  if (direction && press.altKey) return moved(view, direction);
  if (press.altKey) return null;
  if (press.key === "+" || press.key === "=") return zoomed(view, true);
  if (press.key === "-" || press.key === "_") return zoomed(view, false);
  return press.key === "0" || press.key === "f" ? FIT : null;
}

/** The layer after a key; undefined: the key selects nothing; null: it ends the selection. */
export function layerAfterKey(selected: number | null, total: number, press: KeyPress): number | null | undefined {
  if (press.shiftKey || press.altKey || press.ctrlKey || press.metaKey || total === 0) return undefined;
  const next = selected === null ? 0 : Math.min(total - 1, selected + 1);
  const previous = selected === null ? total - 1 : Math.max(0, selected - 1);
  switch (press.key) {
    case "ArrowRight":
    case "ArrowDown":
      return next;
    case "ArrowLeft":
    case "ArrowUp":
      return previous;
    case "Home":
      return 0;
    case "End":
      return total - 1;
    case "Escape":
      return selected === null ? undefined : null;
    default:
      return undefined;
  }
}
