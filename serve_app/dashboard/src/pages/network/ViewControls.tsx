import { ChevronDown, ChevronLeft, ChevronRight, ChevronUp, Minus, Plus } from "lucide-react";
import { type ReactNode, useState } from "react";
import { type Direction, moved, turned, zoomed } from "../../network/moves";
import { FIT, type View } from "../../network/view";
import { Segmented } from "../../parts/Segmented";

interface Props {
  view: View;
  onView: (view: View) => void;
  /** Whether the drawing can be turned. */
  turns: boolean;
}

const HANDS = [
  { value: "turn", label: "Turn" },
  { value: "move", label: "Move" },
] as const;
const ARROWS: readonly [Direction, ReactNode, string][] = [
  ["left", <ChevronLeft key="left" aria-hidden="true" className="size-4" />, "col-start-1 row-start-2"],
  ["up", <ChevronUp key="up" aria-hidden="true" className="size-4" />, "col-start-2 row-start-1"],
  ["down", <ChevronDown key="down" aria-hidden="true" className="size-4" />, "col-start-2 row-start-2"],
  ["right", <ChevronRight key="right" aria-hidden="true" className="size-4" />, "col-start-3 row-start-2"],
];

/** All that the mouse does, as buttons. "Fit" shows the whole network again from any camera. */
export function ViewControls({ view, onView, turns }: Props) {
  const [hand, setHand] = useState<"turn" | "move">("turn");
  const turning = turns && hand === "turn";
  return (
    <div className="ml-auto flex flex-wrap items-end justify-end gap-2">
      {turns && <Segmented label="What the arrows do" value={hand} options={HANDS} onChange={setHand} />}
      <div className="grid grid-cols-3 gap-0.5">
        {ARROWS.map(([direction, icon, place]) => (
          <Key
            key={direction}
            name={`${turning ? "Turn" : "Move"} ${direction}`}
            className={place}
            onClick={() => onView(turning ? turned(view, direction) : moved(view, direction))}
          >
            {icon}
          </Key>
        ))}
      </div>
      <div className="flex gap-0.5">
        <Key name="Zoom out" onClick={() => onView(zoomed(view, false))}>
          <Minus aria-hidden="true" className="size-4" />
        </Key>
        <Key name="Zoom in" onClick={() => onView(zoomed(view, true))}>
          <Plus aria-hidden="true" className="size-4" />
        </Key>
        <Key name="Fit" onClick={() => onView(FIT)} className="px-2 text-[12px] font-medium">
          Fit
        </Key>
      </div>
    </div>
  );
}

interface KeyProps {
  name: string;
  onClick: () => void;
  className?: string;
  children: ReactNode;
}

function Key({ name, onClick, className = "", children }: KeyProps) {
  return (
    <button
      type="button"
      aria-label={name}
      title={name}
      onClick={onClick}
      className={`focus-ring flex h-7 min-w-7 items-center justify-center rounded-[6px] border border-line bg-surface text-muted hover:bg-sunken hover:text-main ${className}`}
    >
      {children}
    </button>
  );
}
