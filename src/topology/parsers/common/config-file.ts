/** One configuration file as it was read from a host. */
export interface ConfigFile {
  readonly path: string;
  readonly text: string;
}

/** Cuts the output of a `files` probe at its `# file <path>` lines. Lines before the first one are dropped. */
export function splitFiles(output: string): ConfigFile[] {
  return splitAtMarkers(output, (line) =>
    line.startsWith("# file /") ? line.slice("# file ".length).trim() : undefined,
  );
}

/** Cuts text at marker lines; each part begins on the line after its marker, so that line numbers are those of the file. */
export function splitAtMarkers(
  output: string,
  markerPath: (line: string) => string | undefined,
): ConfigFile[] {
  const files: ConfigFile[] = [];
  let path: string | undefined;
  let bodyStart = 0;
  let lineStart = 0;
  while (lineStart <= output.length) {
    const newline = output.indexOf("\n", lineStart);
    const lineEnd = newline < 0 ? output.length : newline;
    // only comment lines can be markers; slicing every line would double the memory of a large dump
    const next =
      output.charCodeAt(lineStart) === 0x23 ? markerPath(output.slice(lineStart, lineEnd)) : undefined;
    if (next !== undefined) {
      if (path !== undefined) files.push({ path, text: output.slice(bodyStart, lineStart) });
      path = next;
      bodyStart = lineEnd + 1;
    }
    lineStart = lineEnd + 1;
  }
  if (path !== undefined) files.push({ path, text: output.slice(bodyStart) });
  return files;
}
