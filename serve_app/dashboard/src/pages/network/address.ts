/** What the address of the page holds: trial, drawing, colour, layer, camera and whether repeats are drawn one by one. */
import { useCallback, useEffect, useRef, useState } from "react";
import { COLOUR_BY, type ColourBy } from "../../network/colours";
import { decodeView, encodeView, isFit, type View } from "../../network/view";
import { codecs, useParam } from "../../state/url";

export const DRAWINGS = ["3d", "svg"] as const;
export type Drawing = (typeof DRAWINGS)[number];

const TRIAL = codecs.number(null);
const DRAWING = codecs.choice(DRAWINGS, "3d");
const COLOUR = codecs.choice(COLOUR_BY, "score");
const LAYER = codecs.text();
const CAMERA = codecs.text();
const UNFOLDED = codecs.flag();

export const useTrialParam = () => useParam<number | null>("trial", TRIAL);
export const useDrawing = () => useParam<Drawing>("drawing", DRAWING);
export const useColourBy = () => useParam<ColourBy>("colour", COLOUR);
export const useLayerName = () => useParam<string>("layer", LAYER);
export const useUnfolded = () => useParam<boolean>("unfolded", UNFOLDED);

/** Milliseconds without a motion before the camera is written: browsers take about 100 changes of an address in 30 s. */
const REST_MS = 250;

export function useCamera(): [View, (view: View) => void] {
  const [text, write] = useParam("camera", CAMERA);
  const [view, setView] = useState(() => decodeView(text));
  const written = useRef(text);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => {
    if (text === written.current) return;
    // Back, or a link: the address leads.
    clearTimeout(timer.current);
    written.current = text;
    setView(decodeView(text));
  }, [text]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const change = useCallback(
    (next: View) => {
      setView(next);
      clearTimeout(timer.current);
      timer.current = setTimeout(() => {
        written.current = isFit(next) ? "" : encodeView(next);
        write(written.current);
      }, REST_MS);
    },
    [write],
  );
  return [view, change];
}
