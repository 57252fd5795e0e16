import type { LabCase } from "../lab-case.ts";
export const dependencyCases: readonly LabCase[] = [];
