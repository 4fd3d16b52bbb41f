// Small things that every part of the page uses.

// Makes an element. Text only ever becomes text: what services send must not become markup.
export function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key === "style") for (const [name, text] of Object.entries(value)) made.style.setProperty(name, text);
    else if (key in made) made[key] = value;
    else made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

export const byId = id => document.getElementById(id);

export function time(nanoseconds) {
  for (const [unit, size] of [["s", 1e9], ["ms", 1e6], ["µs", 1e3]])
    if (nanoseconds >= size) return `${+(nanoseconds / size).toPrecision(3)} ${unit}`;
  return `${nanoseconds} ns`;
}

export const count = (number, noun) => `${number} ${noun}${number === 1 ? "" : "s"}`;

export const clock = nanoseconds => new Date(nanoseconds / 1e6).toLocaleTimeString();

// The same color for a service wherever it appears; all are equally bright, on light and dark pages.
export function color(service) {
  let hash = 0;
  for (const character of service) hash = (hash * 31 + character.codePointAt(0)) % 360;
  return `oklch(66% .14 ${hash})`;
}

export const hint = (...children) => element("p", { className: "hint" }, ...children);

// Asks the agent; null where nothing has changed since the same question was asked last.
const versions = new Map();
export async function ask(path) {
  const known = versions.get(path) ?? "";
  const response = await fetch(path, { cache: "no-store", headers: known ? { "If-None-Match": known } : {} });
  if (response.status === 304) return null;
  if (!response.ok) throw response.status;
  versions.set(path, response.headers.get("ETag"));
  return response.json();
}
export const forgetAnswers = () => versions.clear();
