import type { ProductParser } from "../parser.ts";
import { logLine } from "./haproxy/log-line.ts";
import { route } from "./haproxy/route.ts";

/** HAProxy writes traffic, server states and its own errors into one log. */
export const haproxy: ProductParser = { route, errorLog: logLine, accessLog: logLine };
