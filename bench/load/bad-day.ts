const MENDED = Array.from({ length: 160 }, (_, index) => `m${index}`);
const BROKEN = Array.from({ length: 40 }, (_, index) => `b${index}`);
/** What watches a site; each fires for itself. */
const CHECKS = ["availability", "latency", "errors"];
/** Its turn comes with every 200th alert, which is every 20 s: broken for nine minutes, then well for six. */
const CYCLE_TURNS = 45;
const BROKEN_TURNS = 27;

export const BAD_DAY_SITES = [...MENDED, ...BROKEN];

interface BadDayAlert {
  readonly site: string;
  readonly id: string;
  readonly status: "firing" | "resolved";
  readonly startsAt: string;
}

/**
 * The alerts of a bad day, one after the other: 160 sites break, fire from three checks until somebody mends them, are resolved one check
 * after the other, and break again later; 40 stay broken, and fire the more the quieter the others are. At its beginning all are somewhere
 * in the middle of it. Told by `onSite` what visitors get.
 */
export function createBadDay(onSite: (site: string, state: { readonly isUp: boolean }) => void) {
  const broken = new Map<string, { readonly since: string; readonly firing: Set<string> }>();
  let nextBroken = 0;

  function fire(site: string, turn: number): BadDayAlert {
    let outage = broken.get(site);
    if (outage === undefined) {
      outage = { since: new Date().toISOString(), firing: new Set() };
      broken.set(site, outage);
      onSite(site, { isUp: false });
    }
    const check = CHECKS[turn % CHECKS.length] ?? "";
    outage.firing.add(check);
    return { site, id: `${site}-${check}`, status: "firing", startsAt: outage.since };
  }

  /** Undefined when nothing of it fires. */
  function resolve(site: string): BadDayAlert | undefined {
    const outage = broken.get(site);
    const [check] = outage?.firing ?? [];
    if (outage === undefined || check === undefined) return undefined;
    onSite(site, { isUp: true });
    outage.firing.delete(check);
    if (outage.firing.size === 0) broken.delete(site);
    return { site, id: `${site}-${check}`, status: "resolved", startsAt: outage.since };
  }

  return function nextAlert(index: number): BadDayAlert {
    const nth = index % BAD_DAY_SITES.length;
    const site = MENDED[nth];
    if (site !== undefined) {
      const turn = Math.floor(index / BAD_DAY_SITES.length) + Math.floor((nth * CYCLE_TURNS) / MENDED.length);
      const alert = turn % CYCLE_TURNS < BROKEN_TURNS ? fire(site, turn) : resolve(site);
      if (alert !== undefined) return alert;
    }
    const round = nextBroken++;
    return fire(BROKEN[round % BROKEN.length] ?? "", Math.floor(round / BROKEN.length));
  };
}
