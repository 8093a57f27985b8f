import { Download } from "lucide-react";
import type { RefObject } from "react";
import { useBestModel } from "../../api/useBestModel";
import type { ColourBy, Scale } from "../../network/colours";
import type { NetworkHandle } from "../../network/index";
import type { LayerBox } from "../../network/types";
import { Button, buttonClass } from "../../parts/Button";
import { useExports } from "./useExports";

interface Props {
  id: string;
  trial: number;
  isBest: boolean;
  /** Number of the best trial; null: there is none. */
  best: number | null;
  document: unknown;
  view: RefObject<NetworkHandle | null>;
  title: string;
  layers: readonly LayerBox[];
  colourBy: ColourBy;
  scale: Scale;
  score: number | null;
  fold: boolean;
}

/** Saves the drawing, its layers, and of the best trial the model itself. */
export function SaveButtons({ id, trial, isBest, best, ...shown }: Props) {
  const { fault, savePng, saveSvg, saveJson } = useExports({ ...shown, name: `${id}-trial-${trial}-network` });
  const model = useBestModel(id, isBest).data;
  const saved = isBest && model?.saved === true && model.trial_number === trial;
  return (
    <>
      {fault !== null && (
        <span role="alert" className="text-[12px] text-bad">
          {fault}
        </span>
      )}
      <fieldset aria-label="Save" className="flex items-center gap-1">
        <Button size="small" onClick={savePng} aria-label="Save as PNG">
          PNG
        </Button>
        <Button size="small" onClick={saveSvg} aria-label="Save as SVG">
          SVG
        </Button>
        <Button size="small" onClick={saveJson} aria-label="Save layers as JSON">
          JSON
        </Button>
      </fieldset>
      {saved ? (
        <a
          href={`/jobs/${encodeURIComponent(id)}/best-model/archive`}
          download
          className={buttonClass("plain", "small")}
        >
          <Download aria-hidden="true" className="size-3.5" />
          Model archive
        </a>
      ) : (
        <span className="text-[12px] text-muted">{noArchive(isBest, best, model !== undefined)}</span>
      )}
    </>
  );
}

/** Why the model itself cannot be saved here. */
function noArchive(isBest: boolean, best: number | null, known: boolean): string {
  if (isBest) return known ? "Its model is not saved yet." : "";
  return best === null ? "No model is saved yet." : `Model archive: of trial ${best} only, the best.`;
}
