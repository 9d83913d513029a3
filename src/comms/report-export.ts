/** MIME type of what a kernel that makes a report for JupyterLab says of it: `ReportExport` as JSON. */
export const REPORT_EXPORT = "application/vnd.limpid.report-export+json";

/** How far a report is, or the file that it has become. */
export type ReportExport =
  | { readonly done: number; readonly total: number; readonly doing: string }
  | {
      /** The file's name, in the notebook's folder. */
      readonly file: string;
      /** Of the file. */
      readonly bytes: number;
      /** What the report's author should know. */
      readonly warnings: readonly string[];
    };
