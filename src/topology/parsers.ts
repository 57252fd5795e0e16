import { OperatorError } from "../operator-error.ts";
import type { Playbook } from "../playbook/playbook.ts";
import type { ProductParser } from "./parser.ts";
import { apache } from "./parsers/apache.ts";
import { gunicorn } from "./parsers/gunicorn.ts";
import { haproxy } from "./parsers/haproxy.ts";
import { mariadb } from "./parsers/mariadb.ts";
import { nginx } from "./parsers/nginx.ts";
import { nodeSystemd } from "./parsers/node-systemd.ts";
import { phpFpm } from "./parsers/php-fpm.ts";
import { postgresql } from "./parsers/postgresql.ts";
import { puma } from "./parsers/puma.ts";
import { redis } from "./parsers/redis.ts";
import { tomcat } from "./parsers/tomcat.ts";
import { uwsgi } from "./parsers/uwsgi.ts";

/** By the name playbooks use. */
const PARSERS: ReadonlyMap<string, ProductParser> = new Map([
  ["apache", apache],
  ["gunicorn", gunicorn],
  ["haproxy", haproxy],
  ["mariadb", mariadb],
  ["postgresql", postgresql],
  ["puma", puma],
  ["redis", redis],
  ["tomcat", tomcat],
  ["uwsgi", uwsgi],
  ["nginx", nginx],
  ["node-systemd", nodeSystemd],
  ["php-fpm", phpFpm],
]);

/** The code behind a playbook; undefined when YAML says all there is to say. @throws {UnknownParserError} */
export function parserOf({ id, parser }: Playbook): ProductParser | undefined {
  if (parser === undefined) return undefined;
  const found = PARSERS.get(parser);
  if (found === undefined) throw new UnknownParserError(id, parser);
  return found;
}

class UnknownParserError extends OperatorError {
  readonly code = "UNKNOWN_PARSER";
  constructor(playbook: string, parser: string) {
    super(`Playbook ${playbook} names parser ${parser}, expected one of ${[...PARSERS.keys()].join(", ")}.`, {
      hint: `Correct or remove the line "parser: ${parser}" in ${playbook}.yaml.`,
    });
  }
}
