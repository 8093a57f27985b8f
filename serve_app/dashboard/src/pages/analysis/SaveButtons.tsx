import { type RefObject, useState } from "react";
import { figurePng, figureSvg } from "../../charts/figure/figureFile";
import { type FigureTable, figureCsv } from "../../model/analysis/figureTable";
import { Button } from "../../parts";
import { kebab } from "../../parts/Panel";
import { saveFile } from "../../parts/saveFile";

interface Props {
  id: string;
  title: string;
  table: () => FigureTable;
  figure: RefObject<HTMLElement | null>;
}

/** Saves a figure as PNG or SVG as it is drawn, and its table with all rows as CSV. */
export function SaveButtons({ id, title, table, figure }: Props) {
  const [fault, setFault] = useState<string | null>(null);
  const save = async (ending: string, make: () => Blob | Promise<Blob>) => {
    try {
      saveFile(`${id}-${kebab(title)}.${ending}`, await make());
      setFault(null);
    } catch (error) {
      setFault(error instanceof Error ? error.message : "The file cannot be saved.");
    }
  };
  const drawn = () => {
    const svg = figure.current?.querySelector<SVGSVGElement>("svg[data-figure]");
    if (!svg) throw new Error("Nothing is drawn yet.");
    return figureSvg(svg, title);
  };
  return (
    <fieldset aria-label={`Save: ${title}`} className="flex items-center gap-1">
      {fault !== null && (
        <span role="alert" className="text-[12px] text-bad">
          {fault}
        </span>
      )}
      <Button
        size="small"
        kind="ghost"
        aria-label="Save as CSV"
        onClick={() => save("csv", () => new Blob([figureCsv(table())], { type: "text/csv;charset=utf-8" }))}
      >
        CSV
      </Button>
      <Button size="small" kind="ghost" aria-label="Save as PNG" onClick={() => save("png", () => figurePng(drawn()))}>
        PNG
      </Button>
      <Button
        size="small"
        kind="ghost"
        aria-label="Save as SVG"
        onClick={() => save("svg", () => new Blob([drawn().text], { type: "image/svg+xml" }))}
      >
        SVG
      </Button>
    </fieldset>
  );
}
