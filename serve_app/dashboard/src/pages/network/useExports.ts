import { type RefObject, useState } from "react";
import { bands, blockColours, type ColourBy, legendTitle, type Scale } from "../../network/colours";
import { flatBounds } from "../../network/drawing";
import { flatPicture } from "../../network/flatPicture";
import type { NetworkHandle } from "../../network/index";
import { layoutNetwork } from "../../network/layout";
import { scenePng, svgPng } from "../../network/pictures";
import { fileSize, type Surroundings, svgFile } from "../../network/svgFile";
import type { LayerBox } from "../../network/types";
import { useThemeColours } from "../../network/useThemeColours";
import { FIT } from "../../network/view";
import { saveFile } from "../../parts/saveFile";

interface Shown {
  /** Start of the files' names. */
  name: string;
  title: string;
  layers: readonly LayerBox[];
  colourBy: ColourBy;
  scale: Scale;
  score: number | null;
  fold: boolean;
  /** What the JSON file holds: the network as the API gave it. */
  document: unknown;
  view: RefObject<NetworkHandle | null>;
}

/** Saves what is drawn: the 3D scene as it is seen; the flat drawing always whole. */
export function useExports(shown: Shown) {
  const theme = useThemeColours();
  const [fault, setFault] = useState<string | null>(null);
  const around: Surroundings = {
    title: shown.title,
    legendTitle: legendTitle(shown.colourBy, shown.score),
    legend: bands(shown.colourBy, shown.scale),
    background: theme.surface,
    text: theme.text,
    muted: theme.muted,
  };

  const flatFile = () => {
    const layout = layoutNetwork(shown.layers, { fold: shown.fold });
    const size = fileSize(flatBounds(layout));
    const colours = blockColours(layout, shown.colourBy, shown.scale, shown.score);
    const picture = flatPicture({ layout, colours, view: FIT, ...size, selected: null, lineColour: theme.line });
    return { ...size, text: svgFile(picture, around) };
  };

  const png = (): Promise<Blob> => {
    const shot = shown.view.current?.shot();
    if (shot) return scenePng(shot.canvas, shot.width, shot.height, shot.labels, around);
    const { text, width, height } = flatFile();
    return svgPng(text, width, height, theme.surface);
  };
  const attempt = async (make: () => Blob | Promise<Blob>, ending: string) => {
    try {
      saveFile(`${shown.name}.${ending}`, await make());
      setFault(null);
    } catch (error) {
      setFault(error instanceof Error ? error.message : "The file cannot be saved.");
    }
  };
  return {
    fault,
    savePng: () => attempt(png, "png"),
    saveSvg: () => attempt(() => new Blob([flatFile().text], { type: "image/svg+xml" }), "svg"),
    saveJson: () =>
      attempt(() => new Blob([`${JSON.stringify(shown.document, null, 2)}\n`], { type: "application/json" }), "json"),
  };
}
