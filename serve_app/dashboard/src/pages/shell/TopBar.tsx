import { Search } from "lucide-react";
import { Button } from "../../parts/Button";
import { Brand } from "./Brand";
import { ConnectionPill } from "./ConnectionPill";

/** On a phone: name, connection, search. */
export function TopBar({ onSearch }: { onSearch: () => void }) {
  return (
    <header className="sticky top-0 z-20 flex h-12 items-center gap-2 border-b border-line bg-surface px-4 md:hidden">
      <div className="min-w-0 flex-1">
        <Brand />
      </div>
      <ConnectionPill />
      <Button kind="ghost" size="icon" aria-label="Search" onClick={onSearch}>
        <Search aria-hidden="true" className="size-4" />
      </Button>
    </header>
  );
}
