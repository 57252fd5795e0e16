import type { LabCase } from "../lab-case.ts";
export const apacheCases: readonly LabCase[] = [];
