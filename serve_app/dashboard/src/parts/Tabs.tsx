import type { ReactNode } from "react";
import { Link } from "wouter";

export interface Tab {
  href: string;
  label: ReactNode;
  current: boolean;
}

/** Tabs that are addresses: Back, a reload and a link to one all work. */
export function Tabs({ label, tabs }: { label: string; tabs: readonly Tab[] }) {
  return (
    <nav aria-label={label} className="-mb-px flex min-w-0 gap-1 overflow-x-auto">
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
