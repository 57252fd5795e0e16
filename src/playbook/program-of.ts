/** The program that these words start: the first, or the one behind `env NAME=VALUE`. */
export function programOf(argv: readonly string[]): string {
  const [first = ""] = argv;
  if (first !== "env") return first;
  return argv.slice(1).find((word) => !word.includes("=")) ?? first;
}
