import { useLocation, useRoute } from "wouter";
import { useLogout, useSession } from "../../api/useSession";
import { useLiveStudies } from "../../live/store";
import { type Found, trialOfQuery } from "../../model/search";
import { hasReport, reportHref } from "../../model/studyReport";
import { statusWord } from "../../parts/StatusBadge";
import { chooseTheme } from "../../state/theme";

export interface Entry extends Found {
  run: () => void;
}

/** Everything that the search can open or do from this page. */
export function useEntries(query: string): Entry[] {
  const [, navigate] = useLocation();
  const [, params] = useRoute("/s/:id/*?");
  const studies = useLiveStudies() ?? [];
  const session = useSession();
  const logout = useLogout();
  const page = (id: string, label: string, href: string, words?: string): Entry => ({
    id,
    label,
    group: "Page",
    words,
    run: () => navigate(href),
  });
  const action = (id: string, label: string, run: () => void): Entry => ({ id, label, group: "Action", run });
  const entries: Entry[] = [];
  if (params?.id !== undefined) {
    const at = `/s/${params.id}`;
    const trial = trialOfQuery(query);
    if (trial !== null) {
      entries.push(
        page("trial", `Trial ${trial}`, `${at}/trials?trial=${trial}`, `#${trial} trial${trial} trial#${trial}`),
      );
    }
    entries.push(
      page("live", "This study: overview", at, "live"),
      page("trials", "This study: trials", `${at}/trials`),
      page("analysis", "This study: analysis", `${at}/analysis`, "importance parameters"),
      page("compare", "This study: compare trials", `${at}/compare`, "difference"),
      page("network", "This study: network", `${at}/network`),
      page("try", "This study: try the model", `${at}/try`, "predict"),
      page("log", "This study: log", `${at}/log`),
    );
    if (hasReport(studies.find(({ name }) => name === params.id)?.status ?? "unknown")) {
      entries.push({
        id: "report",
        label: "This study: report",
        group: "Page",
        words: "summary",
        run: () => window.open(reportHref(params.id), "_blank", "noopener"),
      });
    }
    entries.push(
      page("copy", "Run this study again with changes", `/new?from=${params.id}`, "copy new search settings"),
    );
  }
  entries.push(
    page("home", "All studies", "/", "home start"),
    page("new", "New search", "/new", "start study"),
    page("history", "History", "/history", "past trends"),
    page("data", "Data sets", "/data", "datasets upload samples"),
    page("compare-studies", "Compare studies", "/compare", "difference"),
  );
  for (const study of studies) {
    const href = `/s/${encodeURIComponent(study.name)}`;
    entries.push({
      id: `study-${study.name}`,
      label: study.name,
      group: statusWord(study.status),
      words: study.status,
      run: () => navigate(href),
    });
  }
  entries.push(
    action("dark", "Theme: dark", () => chooseTheme("dark")),
    action("light", "Theme: light", () => chooseTheme("light")),
    action("system", "Theme: as the system", () => chooseTheme("system")),
  );
  if (session.data?.login_required === true) {
    const leave = () => logout.mutate(undefined, { onSuccess: () => window.location.assign("/login") });
    entries.push(action("logout", "Log out", leave));
  }
  return entries;
}
