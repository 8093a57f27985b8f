import { Plus, Search } from "lucide-react";
import { ButtonLink, buttonClass } from "../../parts/Button";
import { Brand } from "./Brand";
import { ConnectionPill } from "./ConnectionPill";
import { LogOut } from "./LogOut";
import { MainNav } from "./MainNav";
import { StudyList } from "./StudyList";
import { ThemeSwitch } from "./ThemeSwitch";

/** At the left of a large screen: search, pages, studies, connection, theme. */
export function Sidebar({ onSearch }: { onSearch: () => void }) {
  return (
    <aside
      aria-label="Studies and settings"
      className="sticky top-0 hidden h-dvh min-w-0 flex-col gap-3 border-r border-line bg-surface p-3 md:flex"
    >
      {/* A row each: "Reconnecting in 12 s" has no room beside the name. */}
      <div className="flex flex-col items-start gap-1 px-1">
        <Brand />
        <ConnectionPill />
      </div>
      <ButtonLink href="/new" kind="primary">
        <Plus aria-hidden="true" className="size-4" />
        New search
      </ButtonLink>
      <button type="button" onClick={onSearch} className={buttonClass("plain", "normal", "!justify-start text-muted")}>
        <Search aria-hidden="true" className="size-4" />
        Search
        <kbd className="ml-auto rounded bg-sunken px-1.5 font-sans text-[12px] text-muted">Ctrl K</kbd>
      </button>
      <MainNav />
      <StudyList />
      <div className="flex flex-col gap-2 border-t border-line pt-3">
        <ThemeSwitch />
        <LogOut />
      </div>
    </aside>
  );
}
