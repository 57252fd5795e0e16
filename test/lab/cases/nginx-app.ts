import type { LabCase } from "../lab-case.ts";
export const nginxAppCases: readonly LabCase[] = [];
