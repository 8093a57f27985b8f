import { type KeyboardEvent, type SyntheticEvent, useRef } from "react";
import type { Sample, Split } from "../../api/shapes";

interface Props {
  samples: readonly Sample[];
  split: Split;
  /** The next page is being read. */
  busy?: boolean;
  chosen?: number | null;
  onChoose?: (index: number) => void;
}

const STEPS: Record<string, number> = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
/** Up to this width, in pixels, the pixels of an image are shown as squares. */
const SMALL = 96;

/** Samples side by side: images with their class below, texts in lines. With `onChoose`, one tab stop and arrow keys. */
export function SampleGrid({ samples, split, busy = false, chosen = null, onChoose }: Props) {
  const list = useRef<HTMLUListElement>(null);
  const areTexts = samples.every((sample) => sample.image === null);
  const focused = samples.some((sample) => sample.index === chosen) ? chosen : (samples[0]?.index ?? null);
  const move = (event: KeyboardEvent) => {
    const step = STEPS[event.key];
    if (step === undefined) return;
    const buttons = [...(list.current?.querySelectorAll<HTMLElement>("button") ?? [])];
    const at = buttons.indexOf(document.activeElement as HTMLElement);
    const next = buttons[at + step];
    if (at < 0 || next === undefined) return;
    event.preventDefault();
    next.focus();
  };
  return (
    <ul
      ref={list}
      aria-label="Samples"
      aria-busy={busy || undefined}
      onKeyDown={onChoose && move}
      className={`grid gap-2 ${areTexts ? "grid-cols-1" : "grid-cols-[repeat(auto-fill,minmax(4.75rem,1fr))]"} ${busy ? "opacity-60" : ""}`}
    >
      {samples.map((sample) => (
        <li key={sample.index} data-sample={sample.index} className="min-w-0">
          {onChoose === undefined ? (
            <div className="rounded-button border border-line p-1.5">
              <Content sample={sample} split={split} />
            </div>
          ) : (
            <button
              type="button"
              aria-pressed={sample.index === chosen}
              tabIndex={sample.index === focused ? 0 : -1}
              onClick={() => onChoose(sample.index)}
              className={`focus-ring w-full rounded-button border p-1.5 text-left ${
                sample.index === chosen
                  ? "border-accent bg-accent-soft ring-1 ring-accent"
                  : "border-line hover:bg-sunken"
              }`}
            >
              <Content sample={sample} split={split} />
            </button>
          )}
        </li>
      ))}
    </ul>
  );
}

function Content({ sample, split }: { sample: Sample; split: Split }) {
  return (
    <>
      {sample.image !== null && (
        <img
          src={sample.image}
          alt={`Sample ${sample.index} of the ${split} data`}
          loading="lazy"
          onLoad={squares}
          className="aspect-square w-full rounded-[4px] bg-sunken object-contain text-[11px]"
        />
      )}
      {sample.text !== null && (
        <span className="line-clamp-3 block text-[13px] break-words">
          {sample.text === "" ? "(empty)" : sample.text}
        </span>
      )}
      <span className="mt-1 block truncate text-[12px] text-muted" title={sample.label}>
        {sample.label}
      </span>
    </>
  );
}

/** A browser blurs small images when it makes them larger. */
export function squares(event: SyntheticEvent<HTMLImageElement>): void {
  const image = event.currentTarget;
  if (image.naturalWidth <= SMALL) image.style.imageRendering = "pixelated";
}
