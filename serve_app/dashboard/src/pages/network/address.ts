/**
 * What the address of the page holds: the trial, a second one, an epoch, other hyperparameters, drawing, colour, layer,
 * camera, and whether repeats are drawn one by one.
 */
import { useCallback, useEffect, useRef, useState } from "react";
import { readChanges, type Values, writeChanges } from "../../model/whatIf";
import { COLOUR_BY, type OwnColour } from "../../network/colours";
import { decodeView, encodeView, isFit, type View } from "../../network/view";
import { type Codec, codecs, useParam } from "../../state/url";

export const DRAWINGS = ["3d", "svg"] as const;
export type Drawing = (typeof DRAWINGS)[number];

const TRIAL = codecs.number(null);
const DRAWING = codecs.choice(DRAWINGS, "3d");
const COLOUR = codecs.choice(COLOUR_BY, "score");
const LAYER = codecs.text();
const UNFOLDED = codecs.flag();
const WHAT_IF = codecs.flag();
const TEXT = codecs.text();
const CAMERA: Codec<View> = { read: decodeView, write: (view) => (isFit(view) ? null : encodeView(view)) };
const EPOCH = codecs.number(null);
const LIST = codecs.list();
const CHANGES: Codec<Values> = {
  read: (text) => readChanges(LIST.read(text)),
  write: (changes) => LIST.write(writeChanges(changes)),
};

export const useTrialParam = () => useParam<number | null>("trial", TRIAL);
export const useDrawing = () => useParam<Drawing>("drawing", DRAWING);
export const useColourBy = () => useParam<OwnColour>("colour", COLOUR);
export const useLayerName = () => useParam<string>("layer", LAYER);
export const useUnfolded = () => useParam<boolean>("unfolded", UNFOLDED);
/** The second trial, which is laid over the first one; null: none. */
export const useWithParam = () => useParam<number | null>("with", TRIAL);
/** Whether other hyperparameters are tried. */
export const useWhatIfParam = () => useParam<boolean>("what-if", WHAT_IF);

/** Milliseconds without a motion before the camera is written: browsers take about 100 changes of an address in 30 s. */
const REST_MS = 250;

/** A value of the address that follows each motion at once, and is written when the motion rests. */
export function useResting<T>(name: string, codec: Codec<T>): [T, (value: T) => void] {
  const [text, write] = useParam(name, TEXT);
  const [value, setValue] = useState(() => codec.read(text || null));
  const written = useRef(text);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => {
    if (text === written.current) return;
    // Back, or a link: the address leads.
    clearTimeout(timer.current);
    written.current = text;
    setValue(codec.read(text || null));
  }, [text, codec]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const change = useCallback(
    (next: T) => {
      setValue(next);
      clearTimeout(timer.current);
      timer.current = setTimeout(() => {
        written.current = codec.write(next) ?? "";
        write(written.current);
      }, REST_MS);
    },
    [write, codec],
  );
  return [value, change];
}

export const useCamera = () => useResting<View>("camera", CAMERA);
/** The epoch whose health is shown; null: the end of the trial. */
export const useEpochParam = () => useResting<number | null>("epoch", EPOCH);
/** Hyperparameters that a person tries, by name. */
export const useChanges = () => useResting<Values>("if", CHANGES);
