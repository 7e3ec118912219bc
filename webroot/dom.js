// The page's whole "framework": elements are made of data by text nodes and attributes only, never by markup.

const SVG = 'http://www.w3.org/2000/svg';

/** Makes an element; `props` are attributes, except `class` and on* listeners; children are nodes or text. */
export function h(tag, props = {}, ...children) {
  return fill(document.createElement(tag), props, children);
}

/** The same for SVG. */
export function s(tag, props = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), props, children);
}

function fill(element, props, children) {
  for (const [name, value] of Object.entries(props)) {
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else attribute(element, name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** Sets, or for null, undefined and false removes, an attribute; touches the page only when it differs. */
export function attribute(element, name, value) {
  if (value === null || value === undefined || value === false) element.removeAttribute(name);
  else if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value === true ? '' : value);
}

/** Sets the text of an element only when it differs, so that a selection in it survives live updates. */
export function text(element, value) {
  const wanted = value === null || value === undefined ? '' : String(value);
  if (element.textContent !== wanted) element.textContent = wanted;
}

export const byId = (id) => document.getElementById(id);

const rowsOf = new WeakMap();

/**
 * Makes the children of `parent` show `items` in their order: what has a new key is created, what stays is updated in
 * place (focus, hover and selection survive), what has gone is removed. `create(item)` gives an element, or
 * `{element, update(item)}`.
 */
export function keyed(parent, items, keyOf, create) {
  const old = rowsOf.get(parent) ?? new Map();
  const rows = new Map();
  let place = parent.firstChild;
  for (const item of items) {
    const key = String(keyOf(item));
    if (rows.has(key)) continue;
    const row = old.get(key) ?? made(create(item));
    row.update(item);
    rows.set(key, row);
    if (row.element === place) place = place.nextSibling;
    else parent.insertBefore(row.element, place);
  }
  for (const [key, row] of old) if (!rows.has(key)) row.element.remove();
  rowsOf.set(parent, rows);
}

function made(row) {
  return row instanceof Node ? { element: row, update() {} } : row;
}

export const calm = matchMedia('(prefers-reduced-motion: reduce)');

/** The baton: a shaft that tapers from its handle. */
export function baton() {
  return s('svg', { class: 'baton', viewBox: '0 0 24 24', 'aria-hidden': 'true' },
    s('path', { d: 'M22.4 1.3 10.2 15.1 9 13.9Z' }),
    s('path', { d: 'M10.3 13.5c1 1 .8 2.5-.4 3.9-1.6 1.9-4 4.5-6 4.4-1.3-.1-1.8-1.2-1.5-2.4.5-2.1 2.7-4.3 4.5-5.6 1.2-.9 2.5-1.2 3.4-.3Z' }));
}
