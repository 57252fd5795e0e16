import { BASE64, endOfRun, outsideOf, positionsOf, type Searched, type Secret } from "./secret.ts";

const PEM_END = "-----END";

/** From `-----BEGIN … PRIVATE KEY-----` to its END, also with `\n` written out as in JSON; without END, all that follows. */
function pemBlocks({ text }: Searched): Secret[] {
  const secrets: Secret[] = [];
  for (const start of outsideOf(positionsOf(text, "-----BEGIN "), secrets)) {
    if (!text.slice(start, start + 80).includes("PRIVATE KEY")) continue;
    const footer = text.indexOf(PEM_END, start);
    const dashes = footer < 0 ? -1 : text.indexOf("-----", footer + PEM_END.length);
    secrets.push({ start, end: dashes < 0 ? text.length : dashes + 5, kind: "private-key" });
  }
  return secrets;
}

/** The secret lines of a PuTTY key. */
function puttyKeys({ text }: Searched): Secret[] {
  const secrets: Secret[] = [];
  for (const start of outsideOf(positionsOf(text, "Private-Lines:"), secrets)) {
    const end = text.indexOf("Private-MAC:", start);
    secrets.push({ start, end: end < 0 ? text.length : end, kind: "private-key" });
  }
  return secrets;
}

/** The base64 of an OpenSSH key without its frame. */
function openSshBlobs({ text }: Searched): Secret[] {
  const secrets: Secret[] = [];
  for (const start of outsideOf(positionsOf(text, "b3BlbnNzaC1rZXk"), secrets)) {
    secrets.push({ start, end: endOfRun(text, start, BASE64), kind: "private-key" });
  }
  return secrets;
}

/** Whole private keys, wherever they were printed. */
export function findKeyBlocks(searched: Searched): Secret[] {
  return [...pemBlocks(searched), ...puttyKeys(searched), ...openSshBlobs(searched)];
}
