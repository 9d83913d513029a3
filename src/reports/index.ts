/** What a kernel that is being reported, or that has a report made, imports from "limpid/reports". */
export { exportReport, ReportExportError } from "./export.js";
export { finishRecording, RecordingError, startRecording } from "./recorder/run.js";
