import { Fragment, useMemo } from "react";
import {
  alignLayers,
  type ComparedLayer,
  type LayerRow,
  layersSentence,
  settingsText,
} from "../../model/compare/layers";
import { count } from "../../model/format";
import { studyLink } from "../../model/sentence";
import { shapeText } from "../../network/words";
import { ButtonLink, Panel, type PanelState } from "../../parts";
import { scrollHint } from "../../state/scrollHint";
import { codecs, useParam } from "../../state/url";
import type { Compared } from "./useComparedTrials";

const ALL = codecs.flag();
const KIND: Record<LayerRow["kind"], { text: string; look: string }> = {
  same: { text: "Equal", look: "text-muted" },
  changed: { text: "Changed", look: "text-warn" },
  missing: { text: "Not in all", look: "text-accent" },
};

/** Where the name of a kind of layer may break: "Batch" + "Normalization". */
const HUMP = /(?<=[a-z\d])(?=[A-Z])/;

const CELL = "border-b border-line px-2 py-1.5 sm:px-3";

/** The layers of the networks, those that belong together in one row. */
export function LayersPanel(props: { id: string; compared: readonly Compared[]; state: PanelState }) {
  const { id, compared, state } = props;
  const [all] = useParam("all", ALL);
  const rows = useMemo(
    () => alignLayers(compared.map(({ detail }) => detail?.visualization?.layers ?? [])),
    [compared],
  );
  const names = compared.map(({ number }) => `trial ${number}`);
  const shown = all ? rows : rows.filter((row) => row.kind !== "same");
  const [first, second] = compared;
  return (
    <Panel
      title="Layers"
      question="How do the networks differ?"
      state={state}
      actions={
        first !== undefined &&
        second !== undefined && (
          <ButtonLink size="small" href={studyLink(id, "network", { trial: first.number, with: second.number })}>
            Lay trial {second.number} over trial {first.number}
          </ButtonLink>
        )
      }
    >
      <p className="mb-2">{layersSentence(rows, names)}</p>
      {shown.length < rows.length && (
        <p className="mb-2 text-[12px] text-muted">
          {count(rows.length - shown.length)} equal rows are left out: “Equal rows too” shows them.
        </p>
      )}
      {shown.length > 0 && (
        <section
          ref={scrollHint}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must take focus, so that arrow keys scroll it
          tabIndex={0}
          aria-label="Layers side by side, table"
          className="scroll-hint focus-ring overflow-x-auto rounded-button border border-line"
        >
          <table className="w-full border-separate border-spacing-0 text-left text-[13px]">
            <thead>
              <tr>
                {compared.map(({ number }) => (
                  <th key={number} scope="col" className={`${CELL} bg-sunken font-medium`}>
                    Trial {number}
                  </th>
                ))}
                <th scope="col" className={`${CELL} bg-sunken font-medium`}>
                  Difference
                </th>
              </tr>
            </thead>
            <tbody>
              {shown.map((row, place) => (
                <tr key={place} data-kind={row.kind}>
                  {row.cells.map((layer, column) => (
                    <td key={column} className={`${CELL} min-w-24 align-top wrap-anywhere sm:min-w-36`}>
                      {layer === null ? <span className="text-muted">None</span> : <Layer layer={layer} />}
                    </td>
                  ))}
                  <td className={`${CELL} align-top whitespace-nowrap ${KIND[row.kind].look}`}>
                    {KIND[row.kind].text}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </Panel>
  );
}

function Layer({ layer }: { layer: ComparedLayer }) {
  const settings = settingsText(layer);
  return (
    <>
      <p className="font-medium">
        {layer.layer_type.split(HUMP).map((part, place) => (
          <Fragment key={place}>
            {place > 0 && <wbr />}
            {part}
          </Fragment>
        ))}
      </p>
      {settings !== "" && <p>{settings}</p>}
      <p className="text-[12px] text-muted">
        {shapeText(layer.output_shape)}
        {layer.parameters > 0 && `, ${count(layer.parameters)} parameters`}
      </p>
    </>
  );
}
