/** Values of an option in the words of a command line: `-b x`, `-bx` for one letter, `--bind x`, `--bind=x`. In order. */
export function optionValues(words: readonly string[], ...names: readonly string[]): string[] {
  return words.flatMap((word, index) => {
    for (const name of names) {
      if (word === name) return words[index + 1] ?? [];
      if (word.startsWith(`${name}=`)) return word.slice(name.length + 1);
      const isLetter = name.length === 2 && !name.startsWith("--");
      if (isLetter && word.startsWith(name)) return word.slice(name.length);
    }
    return [];
  });
}

/** The last value wins, as in most programs. */
export function optionValue(words: readonly string[], ...names: readonly string[]): string | undefined {
  return optionValues(words, ...names).at(-1);
}
