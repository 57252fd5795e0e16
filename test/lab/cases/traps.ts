import type { LabCase } from "../lab-case.ts";
export const trapCases: readonly LabCase[] = [];
