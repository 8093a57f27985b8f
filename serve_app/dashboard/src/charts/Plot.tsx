/** The drawn part of a chart of curves. It is loaded with uPlot when a page first shows one. */
import { useEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { type ThemeColors, themeColors } from "./colors";
import { type Drawing, draw, projections } from "./draw";
import { nearest } from "./geometry";
import { corners, type Frame, plotOptions } from "./options";
import type { Place } from "./types";

export interface PlotProps extends Drawing {
  frame: Frame;
  height: number;
  onPlace: (place: Place | null) => void;
  onOpen?: (place: Place) => void;
  /** Tells where the chosen point is, in pixels of the page from the plot's corner. */
  onPoint: (at: { x: number; y: number } | null) => void;
}

/** A finger needs more room than a pointer. */
const REACH = { mouse: 20, touch: 32 };

export default function Plot(props: PlotProps) {
  const host = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot>(null);
  const now = useRef(props);
  now.current = props;

  useEffect(() => {
    const element = host.current;
    if (!element) return;
    let theme: ThemeColors = themeColors(element);
    const size = { width: element.clientWidth || 300, height: now.current.height };
    let told: { x: number; y: number } | null = null;
    const drawn = (u: uPlot) => {
      draw(u, now.current, theme);
      const at = pointAt(u, now.current);
      if (at?.x === told?.x && at?.y === told?.y) return;
      told = at;
      now.current.onPoint(at);
    };
    const options = plotOptions(
      size,
      () => now.current.frame,
      () => theme,
      drawn,
    );
    const made = new uPlot(options, corners(now.current.frame), element);
    chart.current = made;
    const resized = new ResizeObserver(() => {
      if (element.clientWidth > 0) made.setSize({ width: element.clientWidth, height: now.current.height });
    });
    resized.observe(element);
    const themed = new MutationObserver(() => {
      theme = themeColors(element);
      made.redraw(false, true);
    });
    themed.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
    const leave = listen(made, now);
    return () => {
      leave();
      themed.disconnect();
      resized.disconnect();
      made.destroy();
      chart.current = null;
    };
  }, []);

  const { series, levels, line, frame, height, highlighted, place } = props;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the drawing reads them from `now`
  useEffect(() => {
    const u = chart.current;
    if (!u) return;
    if (u.height !== height) u.setSize({ width: u.width, height });
    u.setData(corners(frame));
  }, [frame, series, levels, line, height]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the drawing reads them from `now`
  useEffect(() => {
    chart.current?.redraw(false, false);
  }, [highlighted, place]);

  return <div ref={host} className="w-full" style={{ height: `${height}px` }} aria-hidden="true" />;
}

function pointAt(u: uPlot, { series, place }: PlotProps): { x: number; y: number } | null {
  const point = series.find((curve) => curve.id === place?.id)?.points[place?.index ?? -1];
  const positions = projections(u, true);
  if (!point || !positions) return null;
  const ratio = window.devicePixelRatio || 1;
  return { x: u.bbox.left / ratio + positions.toX(point[0]), y: u.bbox.top / ratio + positions.toY(point[1]) };
}

/** Pointer moves choose the curve below; a click, or a second tap, opens it. Returns what undoes it. */
function listen(u: uPlot, now: { current: PlotProps }): () => void {
  const at = (event: PointerEvent): Place | null => {
    const positions = projections(u, true);
    if (!positions) return null;
    const box = u.over.getBoundingClientRect();
    const reach = event.pointerType === "mouse" ? REACH.mouse : REACH.touch;
    const where = { x: event.clientX - box.left, y: event.clientY - box.top };
    return nearest(now.current.series, positions.toX, positions.toY, where, reach);
  };
  const move = (event: PointerEvent) => {
    const place = at(event);
    const before = now.current.place;
    u.over.style.cursor = place && now.current.onOpen ? "pointer" : "";
    if (place?.id !== before?.id || place?.index !== before?.index) now.current.onPlace(place);
  };
  let chosen: Place | null = null;
  const down = (event: PointerEvent) => {
    chosen = now.current.place;
    if (event.pointerType !== "mouse") move(event);
  };
  const up = (event: PointerEvent) => {
    const place = at(event);
    const again = event.pointerType === "mouse" || chosen?.id === place?.id;
    if (place && again && event.button === 0) now.current.onOpen?.(place);
  };
  const leave = (event: PointerEvent) => {
    if (event.pointerType === "mouse") now.current.onPlace(null);
  };
  u.over.addEventListener("pointermove", move);
  u.over.addEventListener("pointerdown", down);
  u.over.addEventListener("pointerup", up);
  u.over.addEventListener("pointerleave", leave);
  return () => {
    u.over.removeEventListener("pointermove", move);
    u.over.removeEventListener("pointerdown", down);
    u.over.removeEventListener("pointerup", up);
    u.over.removeEventListener("pointerleave", leave);
  };
}
