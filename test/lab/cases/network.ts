import type { LabCase } from "../lab-case.ts";
export const networkCases: readonly LabCase[] = [];
