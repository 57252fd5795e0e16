import type { LabCase } from "../lab-case.ts";
export const tlsCases: readonly LabCase[] = [];
