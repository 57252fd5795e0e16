import { parsePort } from "../address.ts";
import type { DeclaredService, ParserInput, ProductParser } from "../parser.ts";
import { present } from "../present.ts";
import type { LogTarget, UpstreamAddress } from "../target.ts";
import { configFiles } from "./common/config-files.ts";
import { wholeNumber } from "./common/duration.ts";
import { ownServices } from "./common/own-services.ts";
import { errorLog } from "./tomcat/error-log.ts";

/** Tomcat: each connector of server.xml is a part of the one JVM. Source: tomcat.apache.org config/http.html, config/ajp.html. */
export const tomcat: ProductParser = { services, errorLog };

function services(input: ParserInput): readonly DeclaredService[] {
  const own = ownServices(input);
  return configFiles(input)
    .filter(({ path }) => path.endsWith("/server.xml"))
    .flatMap(({ path, text }) => {
      const packaged = /^\/etc\/(tomcat\d{0,2})\//.exec(path)?.[1];
      const unit =
        packaged === undefined ? onlyOne(own.map(({ unit: name }) => name)) : `${packaged}.service`;
      const logs = [catalinaLog(path, packaged)];
      return connectorsOf(text).flatMap((attributes) => {
        const service = readConnector(attributes, logs);
        return service === undefined ? [] : [present({ ...service, unit })];
      });
    });
}

function onlyOne(names: readonly string[]): string | undefined {
  return names.length === 1 ? names[0] : undefined;
}

function catalinaLog(path: string, packaged: string | undefined): LogTarget {
  const base = path.slice(0, -"/conf/server.xml".length);
  return {
    kind: "file",
    path: packaged === undefined ? `${base}/logs/catalina.out` : `/var/log/${packaged}/catalina.out`,
  };
}

type Attributes = ReadonlyMap<string, string>;

function readConnector(attributes: Attributes, logs: readonly LogTarget[]): DeclaredService | undefined {
  const port = parsePort(attributes.get("port") ?? "");
  if (port === undefined) return undefined;
  const number = (name: string) => wholeNumber(attributes.get(name));
  const isAjp = attributes.get("protocol")?.toUpperCase().includes("AJP") === true;
  const timeoutMs = number("connectionTimeout");
  // since 9.0.31 AJP listens on loopback unless told otherwise
  const host = attributes.get("address") ?? (isAjp ? "localhost" : "*");
  const address: UpstreamAddress = { kind: "tcp", host, port };
  return {
    speaks: [isAjp ? "ajp" : "http"],
    part: `${isAjp ? "ajp" : "http"}-${port}`,
    addresses: [address],
    logs,
    settings: present({
      maxWorkers: number("maxThreads") ?? 200,
      backlog: number("acceptCount") ?? 100,
      maxConnections: number("maxConnections") ?? 8192,
      keepaliveMs: number("keepAliveTimeout") ?? timeoutMs ?? (isAjp ? undefined : 60_000),
      maxHeaderBytes: number("maxHttpHeaderSize") ?? (isAjp ? undefined : 8192),
    }),
  };
}

/** The attributes of every `<Connector …>` that no comment hides. */
function connectorsOf(xml: string): Attributes[] {
  const text = withoutComments(xml);
  const connectors: Attributes[] = [];
  let at = text.indexOf("<Connector");
  while (at >= 0) {
    const close = text.indexOf(">", at);
    // a look that keeps single lines may have lost the closing one
    const next = text.indexOf("<", at + 1);
    const end = Math.min(close < 0 ? text.length : close, next < 0 ? text.length : next);
    connectors.push(attributesOf(text.slice(at + "<Connector".length, end)));
    at = text.indexOf("<Connector", end);
  }
  return connectors;
}

function withoutComments(xml: string): string {
  let kept = "";
  let from = 0;
  for (;;) {
    const open = xml.indexOf("<!--", from);
    if (open < 0) return kept + xml.slice(from);
    kept += xml.slice(from, open);
    const close = xml.indexOf("-->", open);
    if (close < 0) return kept;
    from = close + "-->".length;
  }
}

function attributesOf(text: string): Attributes {
  const attributes = new Map<string, string>();
  let from = 0;
  for (;;) {
    const equals = text.indexOf("=", from);
    if (equals < 0) return attributes;
    const name = text.slice(from, equals).trim();
    const quote = text
      .slice(equals + 1)
      .trimStart()
      .charAt(0);
    const open = text.indexOf(quote, equals + 1);
    const close = quote === '"' || quote === "'" ? text.indexOf(quote, open + 1) : -1;
    if (close < 0) return attributes;
    attributes.set(name, text.slice(open + 1, close));
    from = close + 1;
  }
}
