import { isHostName } from "./host-spec.ts";

/** `http` or `https`, a host that can be looked up, and no password: URLs are shown in reports. */
export function isSiteUrl(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) return false;
  return url.username === "" && url.password === "" && isHostName(url.hostname.replace(/^\[|\]$/g, ""));
}

/** The same as an address alone: none of our routes has a path before it. */
export function isOriginUrl(text: string): boolean {
  return isSiteUrl(text) && URL.parse(text)?.href === `${URL.parse(text)?.origin}/`;
}
