import { isIP } from "node:net";
import { DOMAINS, type Domain } from "../playbook/playbook.ts";

/** Whether a value may stand in an argv, and what a value of this type looks like. */
interface ParameterType {
  readonly accepts: (value: string) => boolean;
  readonly expected: string;
}

/** Below these a service writes its logs; keys and password files live elsewhere. */
const LOG_DIRECTORIES = ["/var/", "/srv/", "/opt/", "/home/", "/usr/local/", "/data/", "/app/", "/run/"];
const SOCKET_DIRECTORIES = [...LOG_DIRECTORIES, "/tmp/", "/dev/shm/"];
/** The one hidden directory logs are known to live in; `.ssh` and its like never are. */
const HIDDEN_LOG_DIRECTORY = ".pm2";

const unit: ParameterType = {
  accepts: (value) => /^[a-zA-Z0-9][a-zA-Z0-9:_.@-]{0,200}\.(service|socket)$/.test(value),
  expected: "a unit name ending in .service or .socket, of letters, digits and :_.@-",
};
const logPath = absPath(LOG_DIRECTORIES);
const socketPath = absPath(SOCKET_DIRECTORIES);
const hostName: ParameterType = { accepts: isHostName, expected: "a host name of letters, digits, - and ." };
const ip: ParameterType = { accepts: (value) => isIP(value) !== 0, expected: "an IP address" };
const port = count(1, 65_535);
const pid = count(1, 2 ** 22);
const scheme: ParameterType = {
  accepts: (value) => value === "http" || value === "https",
  expected: "http or https",
};
const authority: ParameterType = {
  accepts: isAuthority,
  expected: "a host name or IP with an optional port",
};
const urlPath: ParameterType = {
  // RFC 3986 path and query without the characters a shell or a log would trip over
  accepts: (value) => /^\/[A-Za-z0-9._~!$&()*+,;=:@%/?-]{0,2000}$/.test(value),
  expected: "a URL path of printable ASCII",
};

/** The types of every parameter of every domain. The values come from live configuration, so each is checked. */
const TYPES: { readonly [D in Domain]: { readonly [P in (typeof DOMAINS)[D][number]]: ParameterType } } = {
  host: {},
  "proxy-error-log": { path: logPath },
  "proxy-access-log": { path: logPath },
  "proxy-unit": { unit },
  "upstream-tcp": { ip, port },
  "upstream-unix": { path: socketPath },
  "upstream-name": { name: hostName },
  "upstream-tls": { ip, port, sni: hostName },
  "upstream-http": { ip, port, scheme, authority, path: urlPath },
  "upstream-http-unix": { socket: socketPath, authority, path: urlPath },
  "service-unit": { unit },
  "service-log": { path: logPath },
  "service-pid": { pid },
  "dependency-unit": { unit },
  "dependency-log": { path: logPath },
};

/** Why these values may not be put into an argv of that domain; undefined when they may. */
export function refuseParameters(
  domain: Domain,
  params: Readonly<Record<string, string>>,
): string | undefined {
  const types: Readonly<Record<string, ParameterType>> = TYPES[domain];
  for (const name of DOMAINS[domain]) {
    const value = params[name] ?? "";
    const type = types[name];
    if (type !== undefined && !type.accepts(value)) {
      return `${name} is ${JSON.stringify(value.slice(0, 200))}, expected ${type.expected}`;
    }
  }
  return undefined;
}

function absPath(directories: readonly string[]): ParameterType {
  return {
    accepts: (value) =>
      /^\/[A-Za-z0-9_./@+-]{1,255}$/.test(value) &&
      directories.some((directory) => value.startsWith(directory)) &&
      value
        .slice(1)
        .split("/")
        .every((part) => part !== "" && (!part.startsWith(".") || part === HIDDEN_LOG_DIRECTORY)),
    expected: `an absolute path below ${directories.join(", ")} of letters, digits and _./@+-`,
  };
}

function count(min: number, max: number): ParameterType {
  return {
    accepts: (value) => /^[1-9][0-9]{0,9}$/.test(value) && Number(value) >= min && Number(value) <= max,
    expected: `a number from ${min} to ${max}`,
  };
}

/** RFC 1123 labels (underscores too, as container networks have them). */
function isHostName(value: string): boolean {
  return (
    value.length <= 253 &&
    value.split(".").every((label) => /^[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?$/.test(label))
  );
}

function isAuthority(value: string): boolean {
  const bracket = value.startsWith("[") ? value.indexOf("]") : -1;
  const colon = value.indexOf(":", Math.max(bracket, 0));
  const host = colon < 0 ? value : value.slice(0, colon);
  if (colon >= 0 && !port.accepts(value.slice(colon + 1))) return false;
  return bracket < 0 ? isHostName(host) : isIP(host.slice(1, -1)) === 6;
}
