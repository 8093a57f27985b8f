import type { ReactNode } from "react";

/** One number with its label; `note` says what it is made of. */
export function Tile(props: { label: ReactNode; value: ReactNode; note?: ReactNode; className?: string }) {
  return (
    <div className={`panel @container flex min-w-0 flex-col gap-0.5 px-4 py-3 ${props.className ?? ""}`}>
      <div className="text-[12px] text-muted">{props.label}</div>
      <div className="text-[18px] leading-8 font-semibold tracking-tight break-words @min-[9rem]:text-[22px] @min-[11rem]:text-[26px]">
        {props.value}
      </div>
      {props.note !== undefined && <div className="text-[12px] text-muted">{props.note}</div>}
    </div>
  );
}
