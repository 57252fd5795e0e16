import type { DiagnosisRequest } from "../intake/diagnosis-request.ts";
import type { Playbook } from "../playbook/playbook.ts";
import type { HostView } from "./host-view.ts";

/** What the join of hosts works on, the same for every hop. */
export interface Terrain {
  readonly request: DiagnosisRequest;
  readonly playbooks: readonly Playbook[];
  /** By host name; hosts without a single result are in it too, with nothing seen. */
  readonly views: ReadonlyMap<string, HostView>;
}
