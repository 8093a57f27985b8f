import { type PointerEvent, type RefObject, useEffect, useMemo, useRef } from "react";
import { dragged, type Point2, zoomedAt } from "./flatMoves";
import type { Transform } from "./flatPicture";
import type { View } from "./view";

interface Current {
  view: View;
  transform: Transform;
  onView: (view: View) => void;
  /** The element that was clicked, without a drag. */
  onClick: (target: Element) => void;
  /** The point of the picture that the view looks at. */
  centre: Point2;
}

interface Enabled {
  clicks: boolean;
  moves: boolean;
}

/** Pixels that a pointer may move during a click. */
const CLICK = 5;

/** Drag to move, wheel or two fingers to zoom, click to select. */
export function useFlatPointers(host: RefObject<HTMLElement | null>, { clicks, moves }: Enabled, current: Current) {
  const now = useRef(current);
  now.current = current;

  useEffect(() => {
    const element = host.current;
    if (!element || !moves) return;
    // React's own listener is passive: it could not keep the page from scrolling.
    const zoom = (event: WheelEvent) => {
      event.preventDefault();
      const { view, transform, onView, centre } = now.current;
      onView(zoomedAt(view, transform, Math.exp(-event.deltaY / 400), inside(element, event), centre));
    };
    element.addEventListener("wheel", zoom, { passive: false });
    return () => element.removeEventListener("wheel", zoom);
  }, [host, moves]);

  return useMemo(() => {
    const pointers = new Map<number, Point2>();
    let moved = false;
    const down = (event: PointerEvent<HTMLElement>) => {
      if (event.button !== 0) return;
      if (pointers.size === 0) moved = false;
      pointers.set(event.pointerId, inside(event.currentTarget, event));
    };
    const move = (event: PointerEvent<HTMLElement>) => {
      const before = pointers.get(event.pointerId);
      if (!before) return;
      const after = inside(event.currentTarget, event);
      if (!moved && Math.hypot(after[0] - before[0], after[1] - before[1]) < CLICK) return;
      if (!moved) event.currentTarget.setPointerCapture(event.pointerId);
      moved = true;
      if (!moves) return;
      const { view, transform, onView, centre } = now.current;
      const other = [...pointers].find(([id]) => id !== event.pointerId)?.[1];
      pointers.set(event.pointerId, after);
      if (!other) return onView(dragged(view, transform.scale, after[0] - before[0], after[1] - before[1]));
      const factor = distance(after, other) / Math.max(1, distance(before, other));
      const between: Point2 = [(after[0] + other[0]) / 2, (after[1] + other[1]) / 2];
      onView(zoomedAt(view, transform, factor, between, centre));
    };
    const up = (event: PointerEvent<HTMLElement>) => {
      if (!pointers.delete(event.pointerId) || moved || pointers.size > 0) return;
      now.current.onClick(event.target as Element);
    };
    const cancel = (event: PointerEvent<HTMLElement>) => void pointers.delete(event.pointerId);
    return clicks ? { onPointerDown: down, onPointerMove: move, onPointerUp: up, onPointerCancel: cancel } : {};
  }, [clicks, moves]);
}

function inside(element: Element, event: { clientX: number; clientY: number }): Point2 {
  const box = element.getBoundingClientRect();
  return [event.clientX - box.left, event.clientY - box.top];
}

const distance = (a: Point2, b: Point2): number => Math.hypot(a[0] - b[0], a[1] - b[1]);
