import { FileText } from "lucide-react";
import { REPORT_WAIT, reportHref } from "../../model/studyReport";
import { buttonClass } from "../../parts/Button";

/** Opens the report in a new tab. On a narrow page it is an icon, so that it needs no row of its own. */
export function ReportLink({ id }: { id: string }) {
  return (
    <a
      href={reportHref(id)}
      target="_blank"
      rel="noopener"
      aria-label="Report (opens in a new tab)"
      title={`The whole study on one page, in a new tab. ${REPORT_WAIT}`}
      className={buttonClass("ghost")}
    >
      <FileText aria-hidden="true" className="size-4" />
      <span className="hidden sm:inline">Report</span>
    </a>
  );
}
