/** Characters that hide, reorder or overwrite others or fill a place unseen, lone surrogates, and all controls but newline and tab. */
export const UNSAFE_CHARACTERS =
  /\u034f|[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2069\u3164\ufeff\uffa0\ufff9-\ufffb\u{e0000}-\u{e007f}\ud800-\udfff]|[\u{e0100}-\u{e01ef}]/gu;
