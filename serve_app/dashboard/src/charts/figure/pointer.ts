import { type PointerEvent, type RefObject, useRef, useState } from "react";
import { type Spot, spotAt } from "./spots";

/** A rectangle in pixels of the figure. */
export interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

interface Actions {
  chosen: number | null;
  onChoose: (place: number | null) => void;
  onOpen: ((place: number) => void) | undefined;
  onBrush: ((box: Box) => void) | undefined;
}

/** A finger needs more room than a pointer. */
const REACH = { mouse: 14, touch: 28 };
/** A shorter way is a click. */
const DRAG = 6;

/** What the pointer does in a figure: a move chooses the mark below, a click or a second tap opens it, a drag selects. */
export function useFigurePointer(svg: RefObject<SVGSVGElement | null>, spots: readonly Spot[], actions: Actions) {
  const [brush, setBrush] = useState<Box | null>(null);
  const start = useRef<{ x: number; y: number; chosen: number | null } | null>(null);
  const at = (event: PointerEvent) => {
    const box = svg.current?.getBoundingClientRect();
    return { x: event.clientX - (box?.left ?? 0), y: event.clientY - (box?.top ?? 0) };
  };
  const below = (event: PointerEvent) =>
    spotAt(spots, at(event), event.pointerType === "mouse" ? REACH.mouse : REACH.touch);

  const onPointerDown = (event: PointerEvent) => {
    if (event.button !== 0) return;
    start.current = { ...at(event), chosen: actions.chosen };
    if (event.pointerType !== "mouse") actions.onChoose(below(event));
  };
  const onPointerMove = (event: PointerEvent) => {
    const from = start.current;
    const to = at(event);
    if (from === null || !actions.onBrush) {
      if (event.pointerType === "mouse") {
        const next = below(event);
        if (next !== actions.chosen) actions.onChoose(next);
      }
      return;
    }
    if (brush === null && Math.hypot(to.x - from.x, to.y - from.y) < DRAG) return;
    if (brush === null) event.currentTarget.setPointerCapture(event.pointerId);
    setBrush(boxOf(from, to));
  };
  const onPointerUp = (event: PointerEvent) => {
    const from = start.current;
    start.current = null;
    setBrush(null);
    if (from === null) return;
    if (brush !== null) return actions.onBrush?.(brush);
    const place = below(event);
    const again = event.pointerType === "mouse" || from.chosen === place;
    if (place !== null && again) actions.onOpen?.(place);
  };
  const cancel = () => {
    start.current = null;
    setBrush(null);
  };
  const onPointerLeave = (event: PointerEvent) => {
    if (event.pointerType === "mouse" && start.current === null) actions.onChoose(null);
  };
  return { brush, onPointerDown, onPointerMove, onPointerUp, onPointerLeave, onPointerCancel: cancel };
}

function boxOf(one: { x: number; y: number }, other: { x: number; y: number }): Box {
  return {
    left: Math.min(one.x, other.x),
    right: Math.max(one.x, other.x),
    top: Math.min(one.y, other.y),
    bottom: Math.max(one.y, other.y),
  };
}
