/**
 * A place in a sender's body: keys joined by dots, `[]` behind a key that holds a list (`alerts[].labels.instance`). No expressions.
 * A body that is a list itself begins with `[]`.
 */
export type FieldPath = string;

/** Keys may hold anything but dots and brackets; `__proto__` is nobody's field. */
export function isFieldPath(text: string): boolean {
  if (text.length > 200) return false;
  const steps = text.split(".");
  return steps.every((step, index) => {
    const key = step.endsWith("[]") ? step.slice(0, -2) : step;
    if (key === "") return index === 0 && step === "[]";
    return !/[[\]\s]/.test(key) && key !== "__proto__";
  });
}

/** Every value at the path, in the order of the body; nothing for what is not there. */
export function pickValues(body: unknown, path: FieldPath): readonly unknown[] {
  if (path === "") return [body];
  let values: readonly unknown[] = [body];
  for (const step of path.split(".")) {
    const isList = step.endsWith("[]");
    const key = isList ? step.slice(0, -2) : step;
    const found = key === "" ? values : values.flatMap((value) => childOf(value, key));
    values = isList ? found.flatMap((value) => (Array.isArray(value) ? value : [])) : found;
  }
  return values;
}

/** A list of one, or of none; so that `flatMap` does not open a list that is a value. */
function childOf(value: unknown, key: string): readonly unknown[] {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return [];
  const own = Object.getOwnPropertyDescriptor(value, key);
  return own === undefined ? [] : [own.value];
}
