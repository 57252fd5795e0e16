import { setFlagsFromString } from "node:v8";

/**
 * For a process that lives for a second: V8's space for young objects would grow by 30 MB that is never used again. Call it before the imports
 * that fill it. Source: V8, flag-definitions.h
 */
export function keepYoungSpaceSmall(): void {
  setFlagsFromString("--semi-space-growth-factor=1");
}

/** For one that idles for days: nor does it keep what one busy minute made it take, beyond a fifth more than what lives. */
export function keepHeapSmall(): void {
  keepYoungSpaceSmall();
  setFlagsFromString("--heap-growing-percent=20");
}
