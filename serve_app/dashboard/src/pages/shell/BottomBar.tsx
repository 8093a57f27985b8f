import { Database, History, LayoutList, Plus, Search, Settings } from "lucide-react";
import { lazy, type ReactNode, Suspense, useState } from "react";
import { Link, useLocation } from "wouter";

const SettingsDialog = lazy(() => import("./SettingsDialog"));

const ITEM =
  "focus-ring flex min-w-0 flex-1 flex-col items-center justify-center gap-0.5 rounded-button text-[12px] -outline-offset-2";

/** On a phone, in reach of the thumb: studies, new search, history, data, search, settings. */
export function BottomBar({ onSearch }: { onSearch: () => void }) {
  const [path] = useLocation();
  const [open, setOpen] = useState(false);
  return (
    <nav
      aria-label="Main"
      className="fixed inset-x-0 bottom-0 z-20 flex h-14 border-t border-line bg-surface px-1 pb-[env(safe-area-inset-bottom)] md:hidden"
    >
      <BarLink href="/" current={path === "/"} icon={<LayoutList aria-hidden="true" className="size-5" />}>
        Studies
      </BarLink>
      <BarLink href="/new" current={path === "/new"} icon={<Plus aria-hidden="true" className="size-5" />}>
        New
      </BarLink>
      <BarLink href="/history" current={path === "/history"} icon={<History aria-hidden="true" className="size-5" />}>
        History
      </BarLink>
      <BarLink href="/data" current={path === "/data"} icon={<Database aria-hidden="true" className="size-5" />}>
        Data
      </BarLink>
      <button type="button" onClick={onSearch} className={`${ITEM} text-muted`}>
        <Search aria-hidden="true" className="size-5" />
        Search
      </button>
      <button type="button" onClick={() => setOpen(true)} className={`${ITEM} text-muted`}>
        <Settings aria-hidden="true" className="size-5" />
        Settings
      </button>
      {open && (
        <Suspense fallback={null}>
          <SettingsDialog onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </nav>
  );
}

function BarLink(props: { href: string; current: boolean; icon: ReactNode; children: ReactNode }) {
  return (
    <Link
      href={props.href}
      aria-current={props.current ? "page" : undefined}
      className={`${ITEM} ${props.current ? "text-accent" : "text-muted"}`}
    >
      {props.icon}
      {props.children}
    </Link>
  );
}
