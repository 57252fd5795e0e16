import type { LabCase } from "../lab-case.ts";
export const haproxyCases: readonly LabCase[] = [];
