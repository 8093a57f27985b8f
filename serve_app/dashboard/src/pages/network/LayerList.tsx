import { type KeyboardEvent, useEffect, useRef } from "react";
import { CHANGE_MARKS } from "../../network/changeMarks";
import { bands, type ColourBy, colourOf, layerValue, type Scale } from "../../network/colours";
import { layerAfterKey } from "../../network/moves";
import type { LayerBox } from "../../network/types";
import { changeText, layerTitle, parametersText, shapeText } from "../../network/words";
import { healthText } from "./facts";

interface Props {
  layers: readonly LayerBox[];
  selected: number | null;
  onSelect: (layer: number | null) => void;
  colourBy: ColourBy;
  scale: Scale;
  score: number | null;
  measuresHealth: boolean;
}

/** Every layer as a button: the drawing in words, with the same selection. Tab or arrow keys select. */
export function LayerList({ layers, selected, onSelect, colourBy, scale, score, measuresHealth }: Props) {
  const list = useRef<HTMLOListElement>(null);
  const shown = bands(colourBy, scale);
  useEffect(() => {
    const [box, chosen] = [list.current, selected === null ? null : list.current?.children[selected]];
    if (!box || !(chosen instanceof HTMLElement)) return;
    // scrollIntoView would move the page too.
    const top = chosen.offsetTop - box.offsetTop;
    if (top < box.scrollTop) box.scrollTop = top;
    else if (top + chosen.offsetHeight > box.scrollTop + box.clientHeight) {
      box.scrollTop = top + chosen.offsetHeight - box.clientHeight;
    }
  }, [selected]);
  const onKeyDown = (event: KeyboardEvent) => {
    const next = layerAfterKey(selected, layers.length, event);
    if (next === undefined) return;
    event.preventDefault();
    onSelect(next);
    if (next !== null) list.current?.querySelectorAll("button")[next]?.focus();
  };
  return (
    <ol
      ref={list}
      aria-label="Layers from input to output"
      onKeyDown={onKeyDown}
      className="relative max-h-96 overflow-y-auto lg:max-h-[26rem]"
    >
      {layers.map((layer, index) => (
        <li key={layer.layer_id ?? index}>
          <button
            type="button"
            aria-pressed={index === selected}
            data-layer={layer.layer_id}
            onClick={() => onSelect(index === selected ? null : index)}
            onFocus={(event) => {
              if (index !== selected && event.currentTarget.matches(":focus-visible")) onSelect(index);
            }}
            className={`flex w-full gap-2 px-4 py-1.5 text-left focus-visible:outline-2 focus-visible:-outline-offset-2 focus-visible:outline-accent ${
              index === selected ? "bg-accent-soft" : "hover:bg-sunken"
            }`}
          >
            <span
              aria-hidden="true"
              className="mt-1.5 size-2.5 shrink-0 rounded-[3px]"
              style={{ background: colourOf(shown, layerValue(colourBy, [layer], score)) }}
            />
            <span className="min-w-0 flex-1">
              <Row left={title(layer)} right={shapeText(layer.output_shape)} className="font-medium" />
              <Row
                left={layer.layer_id ?? ""}
                right={numbers(layer, measuresHealth)}
                className="text-[12px] text-muted"
              />
              {layer.change && <span className="block text-[12px] break-words text-muted">{changeText(layer)}</span>}
            </span>
          </button>
        </li>
      ))}
    </ol>
  );
}

function Row({ left, right, className }: { left: string; right: string; className: string }) {
  return (
    <span className="flex items-baseline gap-2">
      <span className={`min-w-0 flex-1 truncate ${className}`}>{left}</span>
      <span className="shrink-0 text-[12px] text-muted">{right}</span>
    </span>
  );
}

const title = (layer: LayerBox): string =>
  layer.change ? `${CHANGE_MARKS[layer.change]} ${layerTitle(layer)}` : layerTitle(layer);

function numbers(layer: LayerBox, measuresHealth: boolean): string {
  const health = measuresHealth && typeof layer.health === "number" ? `health ${healthText(layer)}, ` : "";
  return health + parametersText(layer.parameters);
}
