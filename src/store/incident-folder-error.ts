import { OperatorError } from "../operator-error.ts";

/** A folder that cannot be written as, or is not, a recorded incident. */
export class IncidentFolderError extends OperatorError {
  readonly code = "INCIDENT_FOLDER";
  /** BSD `EX_USAGE`: the folder is what the caller typed. Source: sysexits.h. */
  readonly exitStatus = 64;
}
