import type { ProductParser } from "../parser.ts";
import { accessLog, accessLogOf } from "./apache/access-log.ts";
import { errorLog } from "./apache/error-log.ts";
import { route } from "./apache/route.ts";

/** Apache httpd 2.4 as a reverse proxy. */
export const apache: ProductParser = { route, errorLog, accessLog, accessLogOf };
