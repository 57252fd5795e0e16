import type { ConnectFailure } from "./shell.ts";

/** What happens while a diagnosis runs, for whoever shows it. Order within one host is the order of events. */
export type ProgressEvent =
  | { readonly kind: "connecting"; readonly host: string }
  | { readonly kind: "connected"; readonly host: string; readonly ms: number }
  | { readonly kind: "unreachable"; readonly host: string; readonly failure: ConnectFailure }
  | {
      readonly kind: "looking";
      readonly host: string;
      readonly round: 1 | 2;
      readonly looks: readonly string[];
    }
  | {
      readonly kind: "looked";
      readonly host: string;
      readonly round: 1 | 2;
      readonly look: string;
      readonly ok: boolean;
    }
  | { readonly kind: "lost"; readonly host: string; readonly reason: string }
  | { readonly kind: "sampled"; readonly url: string; readonly status: number | null }
  | { readonly kind: "classifying" };

export type OnProgress = (event: ProgressEvent) => void;
