/** C0 but newline and tab, DEL, C1; zero-width, bidi and other characters that hide or reorder what is read. */
const UNSAFE =
  /[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;

/** Text of others with its invisible characters shown: the last escaper before the page. */
export function visible(text) {
  return String(text).replace(UNSAFE, "\ufffd");
}

/**
 * An element. Every string becomes text or an attribute's value, never markup. `on` holds listeners, `data` the data attributes; children
 * that are false, null or undefined are left out.
 */
export function el(tag, { on = {}, data = {}, ...attributes } = {}, ...children) {
  return fill(document.createElement(tag), { on, data, attributes }, children);
}

/** The same for parts of a picture. */
export function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", tag), { attributes }, children);
}

function fill(element, { on = {}, data = {}, attributes = {} }, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    element.setAttribute(name, value === true ? "" : visible(value));
  }
  for (const [name, value] of Object.entries(data)) element.dataset[name] = visible(value);
  for (const [name, listener] of Object.entries(on)) element.addEventListener(name, listener);
  for (const child of children.flat(3)) {
    if (child === undefined || child === null || child === false) continue;
    element.append(child instanceof Node ? child : visible(child));
  }
  return element;
}

export function byId(id) {
  return document.getElementById(id);
}

/** Said to people who hear the page. */
export function announce(text) {
  byId("announcer").textContent = visible(text);
}
