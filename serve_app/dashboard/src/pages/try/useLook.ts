import { useQuery } from "@tanstack/react-query";
import type { PredictionSchema } from "../../api/shapes";
import { useSamples } from "../../api/useSamples";
import { type Grey, type Look, lookOf } from "../../model/try/drawing";
import { imageShape } from "../../model/try/ways";

/** Samples whose background and size are looked at. */
const LOOKED_AT = 12;
const SQUARE = { height: 28, width: 28, channels: 1 };
const NONE: readonly Grey[] = [];

/** How the study's images look, from some of its validation samples. Until they are read, as those of MNIST. */
export function useLook(id: string, schema: PredictionSchema, enabled: boolean): Look {
  const samples = useSamples({ study: id }, { split: "validation", limit: LOOKED_AT }, enabled);
  const paths = samples.data?.samples.flatMap(({ image }) => (image === null ? [] : [image])) ?? [];
  const shape = imageShape(schema) ?? SQUARE;
  const { data } = useQuery({
    queryKey: ["look", id, paths, shape],
    queryFn: async () => lookOf(await Promise.all(paths.map(readGrey)), shape.height, shape.width),
    enabled: enabled && paths.length > 0,
    retry: false, // the usual look is good enough
  });
  return data ?? usualLook(shape.height, shape.width);
}

const looks = new Map<string, Look>();

/** The same object for the same size, so that the drawing is not made anew. */
function usualLook(height: number, width: number): Look {
  const key = `${height} ${width}`;
  const known = looks.get(key) ?? lookOf(NONE, height, width);
  looks.set(key, known);
  return known;
}

/** The pixels of a picture of the server, as brightness. */
async function readGrey(path: string): Promise<Grey> {
  const answer = await fetch(path, { credentials: "same-origin" });
  if (!answer.ok) throw new Error(`The picture ${path} cannot be read.`);
  const bitmap = await createImageBitmap(await answer.blob());
  const { height, width } = bitmap;
  const canvas = document.createElement("canvas");
  [canvas.height, canvas.width] = [height, width];
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (context === null) throw new Error("This browser cannot read pictures.");
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  const { data } = context.getImageData(0, 0, width, height);
  const values = new Float32Array(height * width);
  for (let place = 0; place < values.length; place += 1) {
    const [red = 0, green = 0, blue = 0] = data.subarray(4 * place, 4 * place + 3);
    values[place] = (0.299 * red + 0.587 * green + 0.114 * blue) / 255;
  }
  return { height, width, values };
}
