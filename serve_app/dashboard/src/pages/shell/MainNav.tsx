import { Database, GitCompareArrows, History, LayoutList } from "lucide-react";
import { Link, useLocation } from "wouter";

const PAGES = [
  { href: "/", label: "All studies", Icon: LayoutList },
  { href: "/history", label: "History", Icon: History },
  { href: "/data", label: "Data sets", Icon: Database },
  { href: "/compare", label: "Compare studies", Icon: GitCompareArrows },
] as const;

/** The pages that are not about one study. */
export function MainNav() {
  const [path] = useLocation();
  return (
    <nav aria-label="Main">
      <ul>
        {PAGES.map(({ href, label, Icon }) => (
          <li key={href}>
            <Link
              href={href}
              aria-current={path === href ? "page" : undefined}
              className={`focus-ring flex h-8 items-center gap-2 rounded-button px-2 -outline-offset-2 ${
                path === href ? "bg-accent-soft text-main" : "text-muted hover:bg-sunken hover:text-main"
              }`}
            >
              <Icon aria-hidden="true" className="size-4" />
              {label}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
