/** Addresses of the report on a study, which the server writes when it is asked for. Pure. */

/** Shown before a person opens or saves the report. */
export const REPORT_WAIT = "Writing the report takes some seconds.";

export function reportHref(id: string): string {
  return `/jobs/${encodeURIComponent(id)}/report`;
}

/** The same page, which the browser saves as a file. */
export function reportFileHref(id: string): string {
  return `${reportHref(id)}?download=true`;
}

/** Whether the study has something to report. */
export function hasReport(status: string | undefined): boolean {
  return status !== undefined && status !== "created";
}
