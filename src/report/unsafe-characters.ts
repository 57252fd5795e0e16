/** Characters that hide, reorder or overwrite others, lone surrogates, and all controls but newline and tab. */
export const UNSAFE_CHARACTERS =
  /[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}\ud800-\udfff]/gu;
