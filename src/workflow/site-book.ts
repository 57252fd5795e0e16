import type { Config, SiteConfig } from "../config/config.ts";
import type { Place } from "../incident/person.ts";
import type { DiagnosisRequest } from "../intake/diagnosis-request.ts";
import type { Surface } from "./surface.ts";

/** The sites people may name: those of the config, by exact name, and nothing else. */
export interface SiteBook {
  readonly names: readonly string[];
  find(name: string): SiteConfig | undefined;
  /** @throws {OperatorError} when the config or ssh_config cannot be used as they are. */
  requestOf(site: string): Promise<DiagnosisRequest>;
  /** Where an incident of this site is shown, whoever opened it. */
  placesOf(site: string, surfaces: readonly Surface[]): readonly Place[];
}

export function createSiteBook(
  config: Config | undefined,
  { loadRequest }: { readonly loadRequest: (site: string) => Promise<DiagnosisRequest> },
): SiteBook {
  const sites = new Map(config?.sites.map((site) => [site.name, site]));
  return {
    names: [...sites.keys()],
    find: (name) => sites.get(name),
    requestOf: loadRequest,
    placesOf: (site, surfaces) =>
      surfaces.flatMap((surface) => {
        const workspace = surface.workspace();
        const channel = channelOf(surface, config, sites.get(site));
        return workspace === undefined || channel === undefined
          ? []
          : [{ surface: surface.name, workspace, channel }];
      }),
  };
}

function channelOf(
  { name }: Surface,
  config: Config | undefined,
  site: SiteConfig | undefined,
): string | undefined {
  switch (name) {
    case "console":
      return "console";
    case "slack":
      return site?.channel.slack ?? config?.chat.slack.channel;
    case "discord":
      return site?.channel.discord ?? config?.chat.discord?.channel;
  }
}
