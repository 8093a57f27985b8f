import { type ReactNode, useEffect, useRef } from "react";
import { Link } from "wouter";
import { scrollHint } from "../state/scrollHint";

export interface Tab {
  href: string;
  label: ReactNode;
  current: boolean;
}

/**
 * Tabs that are addresses: Back, a reload and a link to one all work. Where they do not fit, the chosen one is brought
 * into view.
 */
export function Tabs({ label, tabs }: { label: string; tabs: readonly Tab[] }) {
  const bar = useRef<HTMLElement>(null);
  const chosen = tabs.findIndex(({ current }) => current);
  useEffect(() => scrollHint(bar.current), []);
  useEffect(() => {
    const element = bar.current;
    if (element === null) return undefined;
    const show = () => center(element, element.children[chosen]);
    const sizes = new ResizeObserver(show); // the bar gets narrower when something appears beside it
    sizes.observe(element);
    show();
    return () => sizes.disconnect();
  }, [chosen]);
  return (
    <nav ref={bar} aria-label={label} className="scroll-hint -mb-px flex min-w-0 gap-1 overflow-x-auto">
      {tabs.map((tab) => (
        <Link
          key={tab.href}
          href={tab.href}
          aria-current={tab.current ? "page" : undefined}
          className={`focus-ring inline-flex h-10 items-center rounded-t-button border-b-2 px-3 font-medium -outline-offset-2 ${
            tab.current ? "border-accent text-main" : "border-transparent text-muted hover:text-main"
          }`}
        >
          {tab.label}
        </Link>
      ))}
    </nav>
  );
}

/** Scrolls the bar alone: `scrollIntoView` would also move the page and a panel that slides in. */
function center(bar: HTMLElement, tab: Element | undefined): void {
  if (tab === undefined) return;
  const [around, own] = [bar.getBoundingClientRect(), tab.getBoundingClientRect()];
  bar.scrollLeft += own.left + own.width / 2 - around.left - around.width / 2;
}
