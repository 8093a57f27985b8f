import { useState } from "react";
import { Button } from "../parts/Button";
import { kebab } from "../parts/Panel";
import { saveFile } from "../parts/saveFile";
import type { FigureFile } from "./figure/figureFile";

export interface Saved {
  title: string;
  /** The study, with which the names of the files begin; undefined: they have no study. */
  study?: string;
  /** The figure as an SVG file; the PNG file is drawn from it. */
  svg: () => Promise<FigureFile>;
  /** Its table with all rows. */
  csv: () => Promise<string>;
}

/** Saves a figure as PNG or SVG, and its table as CSV. What makes the files is loaded when one is saved. */
export function SaveMenu({ title, study, svg, csv }: Saved) {
  const [fault, setFault] = useState<string | null>(null);
  const save = async (ending: string, make: () => Promise<Blob>) => {
    try {
      saveFile(`${study === undefined ? "" : `${study}-`}${kebab(title)}.${ending}`, await make());
      setFault(null);
    } catch (error) {
      setFault(error instanceof Error ? error.message : "The file cannot be saved.");
    }
  };
  const png = async () => (await import("./figure/figureFile")).figurePng(await svg());
  const vector = async () => new Blob([(await svg()).text], { type: "image/svg+xml" });
  const table = async () => new Blob([await csv()], { type: "text/csv;charset=utf-8" });
  return (
    <details className="min-w-0">
      <summary className="focus-ring w-fit cursor-pointer rounded text-muted hover:text-main">Save</summary>
      <fieldset aria-label={`Save: ${title}`} className="mt-1 flex flex-wrap items-center gap-1">
        <Button size="small" onClick={() => save("png", png)}>
          Picture (PNG)
        </Button>
        <Button size="small" onClick={() => save("svg", vector)}>
          Vector (SVG)
        </Button>
        <Button size="small" onClick={() => save("csv", table)}>
          Table (CSV)
        </Button>
      </fieldset>
      {fault !== null && (
        <p role="alert" className="mt-1 text-bad">
          {fault}
        </p>
      )}
    </details>
  );
}
