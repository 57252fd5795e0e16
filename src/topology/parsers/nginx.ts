import type { ProductParser } from "../parser.ts";
import { accessLog, accessLogOf } from "./nginx/access-log.ts";
import { errorLog } from "./nginx/error-log.ts";
import { route } from "./nginx/route.ts";

/** nginx and what is built from its source (OpenResty, Angie, freenginx). */
export const nginx: ProductParser = { route, errorLog, accessLog, accessLogOf };
