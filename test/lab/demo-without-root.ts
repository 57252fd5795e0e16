/** The demonstration where no hosts can be booted. Resolves with the exit status. */
export async function runWithoutRoot(): Promise<number> {
  process.stderr.write("This demonstration boots real hosts, which needs root on Debian.\n");
  return 1;
}
