import { useVirtualizer } from "@tanstack/react-virtual";
import { ArrowDown } from "lucide-react";
import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { type LogLine, parts } from "../../model/logLines";
import { Button } from "../../parts";

interface Props {
  lines: readonly LogLine[];
  sought: string;
  wrapped: boolean;
  target: { index: number; turn: number } | null;
}

const LINE_PX = 20;
/** Nearer to the end than this, the view follows new lines. */
const NEAR_PX = 40;
const TONE = { info: "", warning: "text-warn", error: "text-bad" };

/** Lines of a log. It follows the end until the reader scrolls up, and then stays where they are. */
export function LogView({ lines, sought, wrapped, target }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const follows = useRef(true);
  const top = useRef(0);
  const [atEnd, setAtEnd] = useState(true);
  const first = lines[0]?.place ?? 0;
  const rows = useVirtualizer({
    count: lines.length,
    getScrollElement: () => box.current,
    estimateSize: () => LINE_PX,
    getItemKey: (index) => lines[index]?.place ?? index,
    overscan: 20,
  });

  const toEnd = () => {
    follows.current = true;
    setAtEnd(true);
    if (lines.length > 0) rows.scrollToIndex(lines.length - 1, { align: "end" });
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: it follows when lines come, or when their heights change
  useLayoutEffect(() => {
    if (follows.current && lines.length > 0) rows.scrollToIndex(lines.length - 1, { align: "end" });
  }, [lines.length, first, wrapped]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: only a step to a match moves the view
  useEffect(() => {
    if (target === null) return;
    follows.current = false;
    rows.scrollToIndex(target.index, { align: "center" });
  }, [target]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: heights are measured anew
  useEffect(() => rows.measure(), [wrapped]);

  const scrolled = () => {
    const element = box.current;
    if (!element) return;
    const near = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_PX;
    // Only a reader scrolls up; lines that grow while they are measured do not end the following.
    if (near) follows.current = true;
    else if (element.scrollTop < top.current - 1) follows.current = false;
    top.current = element.scrollTop;
    setAtEnd(near || follows.current);
  };
  return (
    <div className="relative">
      <section
        ref={box}
        aria-label="Lines of the log"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a part that scrolls must take the focus
        tabIndex={0}
        onScroll={scrolled}
        className="h-[max(320px,calc(100dvh-300px))] overflow-auto rounded-b-panel border-t border-line bg-sunken font-mono text-[12px] leading-5 [overflow-anchor:none] focus-visible:outline-2 focus-visible:-outline-offset-2 focus-visible:outline-accent"
      >
        <div
          className={`relative ${wrapped ? "w-full" : "w-max min-w-full"}`}
          style={{ height: `${rows.getTotalSize()}px` }}
        >
          {rows.getVirtualItems().map((row) => {
            const line = lines[row.index];
            if (!line) return null;
            return (
              <div
                key={row.key}
                ref={rows.measureElement}
                data-index={row.index}
                style={{ transform: `translateY(${row.start}px)` }}
                className={`${wrapped ? "absolute w-full break-words whitespace-pre-wrap" : "absolute w-max min-w-full whitespace-pre"} px-4 ${TONE[line.level]} ${row.index === target?.index ? "bg-accent-soft" : ""}`}
              >
                <Line text={line.text} sought={sought} />
              </div>
            );
          })}
        </div>
      </section>
      {!atEnd && (
        <Button className="absolute right-5 bottom-4 shadow-lg" onClick={toEnd}>
          <ArrowDown aria-hidden="true" className="size-4" />
          Jump to the end
        </Button>
      )}
    </div>
  );
}

function Line({ text, sought }: { text: string; sought: string }) {
  if (text === "") return " ";
  return parts(text, sought).map((part, place) =>
    part.found ? (
      <mark key={place} className="rounded-xs bg-warn-soft text-warn">
        {part.text}
      </mark>
    ) : (
      <span key={place}>{part.text}</span>
    ),
  );
}
