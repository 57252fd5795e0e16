/** The contenders, as the table calls them. */
export const NAMES = {
  floor: "the looks alone, no network",
  opensshCold: "OpenSSH, cold",
  ourCold: "diagnose502, cold",
  opensshWarm: "OpenSSH, warm (ControlMaster)",
  ourWarm: "diagnose502, warm",
  ansibleCold: "Ansible, pipelining, cold",
  ansibleWarm: "Ansible, pipelining, warm",
} as const;
