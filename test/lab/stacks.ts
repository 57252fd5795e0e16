import type { Stack } from "./stack.ts";
import { apacheStacks } from "./stacks/apache.ts";
import { haproxyStacks } from "./stacks/haproxy.ts";
import { nginxStacks } from "./stacks/nginx.ts";

/** Every site the lab can build. */
export const stacks: readonly Stack[] = [...nginxStacks, ...apacheStacks, ...haproxyStacks];
