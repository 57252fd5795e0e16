import type { ConfigFile } from "../common/config-file.ts";
import { compilePattern } from "../common/pcre.ts";
import { matchesText } from "./match-text.ts";

/** What the configuration can ask about a plain GET of the URL. */
export interface Samples {
  /** A sample expression with its converters, for example `hdr(host),lower`; undefined when it cannot be known. */
  value(expression: string): string | undefined;
  /** The entries of a list or map file, when it was read. */
  listFile(path: string): readonly string[] | undefined;
}

/** Headers and cookies count as absent, as in our own request. Source: doc/configuration.txt 7.3. */
export function createSamples(url: URL, files: readonly ConfigFile[]): Samples {
  const isTls = url.protocol === "https:";
  const path = url.pathname;
  const query = url.search.slice(1);

  function fetch(name: string, argument: string): string | undefined {
    const base = name.replace(/^(?:req|capture\.req)[._]/, "");
    switch (base) {
      case "hdr":
      case "fhdr":
        return argument.split(",")[0]?.toLowerCase() === "host"
          ? url.host.toLowerCase()
          : argument === ""
            ? undefined
            : "";
      case "cook":
        return "";
      case "path":
        return path;
      case "pathq":
      case "url":
      case "uri":
        return path + url.search;
      case "base":
        return url.host.toLowerCase() + path;
      case "query":
        return query;
      case "url_param":
      case "urlp":
        return new URLSearchParams(query).get(argument) ?? "";
      case "method":
        return "GET";
      case "ssl_fc":
        return isTls ? "1" : "0";
      case "ssl_fc_has_sni":
        return isTls ? "1" : "0";
      case "ssl_fc_sni":
      case "ssl_sni":
        return isTls ? url.hostname.toLowerCase() : "";
      case "dst_port":
        return url.port || (isTls ? "443" : "80");
      case "always_true":
        return "1";
      case "always_false":
        return "0";
      case "str":
      case "int":
        return argument;
      default:
        return undefined;
    }
  }

  function listFile(wanted: string): readonly string[] | undefined {
    const text = files.find((file) => file.path === wanted)?.text;
    return text
      ?.split("\n")
      .map((line) => line.trim())
      .filter((line) => line !== "" && !line.startsWith("#"));
  }

  function value(expression: string): string | undefined {
    const [first, ...converters] = splitCalls(expression);
    let current = first && fetch(first.name, first.argument);
    for (const { name, argument } of converters) {
      if (current === undefined) return undefined;
      current = convert(current, name, argument);
    }
    return current;
  }

  function convert(text: string, name: string, argument: string): string | undefined {
    switch (name) {
      case "lower":
        return text.toLowerCase();
      case "upper":
        return text.toUpperCase();
      case "host_only":
        return text.replace(/:\d+$/, "");
      case "url_dec":
        return decoded(text);
      case "field":
      case "word": {
        const [index = "1", ...separator] = argument.split(",");
        return text.split(separator.join(",") || ",")[Number(index) - 1] ?? "";
      }
      default:
        return name === "map" || name.startsWith("map_") ? lookUp(text, name.slice(4), argument) : undefined;
    }
  }

  function lookUp(text: string, method: string, argument: string): string | undefined {
    const comma = argument.indexOf(",");
    const entries = listFile(comma < 0 ? argument : argument.slice(0, comma));
    if (entries === undefined) return undefined;
    for (const entry of entries) {
      const blank = entry.search(/[ \t]/);
      const key = blank < 0 ? entry : entry.slice(0, blank);
      if (fits(text, key, method)) return blank < 0 ? "" : entry.slice(blank).trim();
    }
    return comma < 0 ? "" : argument.slice(comma + 1);
  }

  return { value, listFile };
}

function fits(text: string, key: string, method: string): boolean {
  switch (method) {
    case "":
    case "str":
      return text === key;
    case "reg":
      return compilePattern(key)?.(text) != null;
    case "beg":
    case "end":
    case "sub":
    case "dir":
    case "dom":
      return matchesText(text, key, { method, ignoreCase: false }) === true;
    default:
      return false;
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // a broken escape stays as it is
    return text;
  }
}

/** `hdr(host),field(1,:),lower` → its calls; commas inside parentheses belong to arguments. */
function splitCalls(expression: string): { readonly name: string; readonly argument: string }[] {
  const calls: { readonly name: string; readonly argument: string }[] = [];
  let at = 0;
  while (at < expression.length) {
    const open = expression.indexOf("(", at);
    const comma = expression.indexOf(",", at);
    const isBare = open < 0 || (comma >= 0 && comma < open);
    const close = isBare ? -1 : expression.indexOf(")", open);
    const end = isBare ? (comma < 0 ? expression.length : comma) : close < 0 ? expression.length : close + 1;
    const name = expression.slice(at, isBare ? end : open).trim();
    calls.push({ name, argument: isBare ? "" : expression.slice(open + 1, close < 0 ? undefined : close) });
    at = expression.charAt(end) === "," ? end + 1 : end;
    if (calls.length > 32) break;
  }
  return calls;
}
