/** 32 hexadecimal characters are 128 bit; what we generate has 256. */
const MIN_SECRET_LENGTH = 32;
const MIN_DIFFERENT_CHARACTERS = 10;

/** Why a secret that others could use against us is none: a word people think of, or what no header carries. Never holds it. */
export function secretProblem(secret: string): string | undefined {
  if (secret.length < MIN_SECRET_LENGTH) {
    return `has ${secret.length} characters, and at least ${MIN_SECRET_LENGTH} are needed`;
  }
  if (!/^[\x21-\x7e]+$/.test(secret))
    return "holds spaces or characters beyond ASCII, which headers do not carry";
  if (new Set(secret).size < MIN_DIFFERENT_CHARACTERS) return "repeats few characters and can be guessed";
  return undefined;
}
