import type { PublicSample } from "../collect/evidence.ts";
import type { PageFingerprint, Playbook } from "../playbook/playbook.ts";
import { matchesWhole, occursIn, parseTemplate } from "../playbook/template.ts";

/** Who wrote the page a sample got. */
export interface Minter {
  readonly by: "edge" | "proxy" | "app" | "none";
  /** The playbook whose fingerprint it carries. */
  readonly playbook?: string;
  /** The page itself says that a hop further in answered the error. */
  readonly relayed: boolean;
}

/** Who minted the answer: a product whose page we know, else the application; `none` when there was no answer. */
export function mintedBy(sample: PublicSample, playbooks: readonly Playbook[]): Minter {
  if (sample.status === null) return { by: "none", relayed: false };
  for (const playbook of playbooks) {
    const page = playbook.pages.find((candidate) => fits(candidate, sample));
    if (page === undefined) continue;
    return {
      by: playbook.role === "edge" ? "edge" : "proxy",
      playbook: playbook.id,
      relayed: page.relayed === true,
    };
  }
  return { by: "app", relayed: false };
}

function fits(page: PageFingerprint, sample: PublicSample): boolean {
  const { status, headers, bodyStart } = sample;
  if (page.statuses !== undefined && (status === null || !page.statuses.includes(status))) return false;
  if (page.without?.some((name) => headers[name] !== undefined)) return false;
  const named = Object.entries(page.headers ?? {}).every(([name, template]) => {
    const value = headers[name];
    return value !== undefined && matchesWhole(parseTemplate(template), value);
  });
  return named && (page.body ?? []).every((template) => occursIn(parseTemplate(template), bodyStart));
}
