/** How far the clock of this process is from the machine's, ms. */
let offsetMs = 0;
const { now: machineNow } = Date;
const now = () => machineNow() + offsetMs;

/** From now on every `Date` of this process is made by a clock that can be set; what counts time without it goes on as it did. */
globalThis.Date = new Proxy(Date, {
  construct: (real, words, made) => Reflect.construct(real, words.length === 0 ? [now()] : words, made),
  get: (real, name) => (name === "now" ? now : Reflect.get(real, name)),
});

export function setClockBy(ms: number): void {
  offsetMs += ms;
}

/** How far it has been set, ms. */
export function clockOffsetMs(): number {
  return offsetMs;
}
