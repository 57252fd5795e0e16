/** Words parted by blanks; quotes keep blanks and vanish. */
export function shellWords(text: string): string[] {
  const words: string[] = [];
  let word = "";
  let quote = "";
  for (const char of text) {
    if (quote !== "") {
      if (char === quote) quote = "";
      else word += char;
    } else if (char === '"' || char === "'") quote = char;
    else if (char === " " || char === "\t" || char === "\n") {
      if (word !== "") words.push(word);
      word = "";
    } else word += char;
  }
  return word === "" ? words : [...words, word];
}
