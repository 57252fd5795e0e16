import type { LabCase } from "../lab-case.ts";
export const proxyCases: readonly LabCase[] = [];
