import { useMemo, useState } from "react";
import type { PredictionSchema } from "../../api/shapes";
import type { TryInput } from "../../api/usePredict";
import { asSample, type Stroke } from "../../model/try/drawing";
import { pngDataUrl } from "../../model/try/png";
import type { Way } from "../../model/try/ways";
import { useDebounced } from "../new/useDebounced";
import type { Photo } from "./imageFile";
import { useLook } from "./useLook";

export interface Inputs {
  strokes: readonly Stroke[];
  setStrokes: (strokes: readonly Stroke[]) => void;
  /** The drawing as the model gets it, a data URL; null: nothing was drawn. */
  drawn: string | null;
  photo: Photo | null;
  setPhoto: (photo: Photo | null) => void;
  text: string;
  setText: (text: string) => void;
  /** What the model is asked about; null: nothing yet. */
  input: TryInput | null;
}

/** Milliseconds without a key or a stroke until the model is asked. */
const REST_MS = 250;

/** What a person has drawn, chosen and typed. It stays while another way is tried. */
export function useInputs(id: string, schema: PredictionSchema, way: Way, sample: TryInput | null): Inputs {
  const [strokes, setStrokes] = useState<readonly Stroke[]>([]);
  const [photo, setPhoto] = useState<Photo | null>(null);
  const [text, setText] = useState("");
  const look = useLook(id, schema, way === "draw");
  const drawn = useMemo(() => {
    const image = asSample(strokes, look);
    return image === null ? null : pngDataUrl(image);
  }, [strokes, look]);
  const restedDrawing = useDebounced(drawn, REST_MS);
  const restedText = useDebounced(text, REST_MS);
  const inputs: Record<Way, TryInput | null> = {
    // Cleared at once: an empty pad has no answer.
    draw: drawn === null || restedDrawing === null ? null : { key: `drawing ${restedDrawing}`, value: restedDrawing },
    image: photo === null ? null : { key: photo.key, value: photo.value },
    text: text.trim() === "" || restedText.trim() === "" ? null : { key: `text ${restedText}`, value: restedText },
    sample,
  };
  return { strokes, setStrokes, drawn, photo, setPhoto, text, setText, input: inputs[way] };
}
