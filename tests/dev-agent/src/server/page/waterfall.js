// One trace as a waterfall: a tree on the left, bars of time on the right.

import { byId, color, count, element, hint, time } from "./element.js";
import { baggageOf, samplingOf } from "./span.js";

const MAX_ROWS = 2000;
const collapsed = new Set(); // Ids of spans whose children are hidden.

export function drawTrace(trace, chosen, choose, back) {
  if (!trace) return byId("trace").replaceChildren(hint("Choose a trace."));
  const start = Math.min(...trace.spans.slice(0, MAX_ROWS).map(span => span.start));
  const end = Math.max(...trace.spans.slice(0, MAX_ROWS).map(span => span.start + span.duration));
  const tree = element("div", { role: "tree", "aria-label": "Spans" });
  let hiddenBelow = Infinity;
  trace.spans.slice(0, MAX_ROWS).forEach((span, index) => {
    if (span.depth > hiddenBelow) return;
    hiddenBelow = collapsed.has(span.span_id) ? span.depth : Infinity;
    const hasChildren = (trace.spans[index + 1]?.depth ?? 0) > span.depth;
    tree.append(row(span, hasChildren, { start, length: end - start || 1 }, chosen, choose, () => redraw()));
  });
  const redraw = () => drawTrace(trace, byId("trace").querySelector("[aria-selected=true]")?.dataset.span ?? chosen, choose, back);
  const rest = trace.spans.length - MAX_ROWS;
  byId("trace").replaceChildren(head(trace, start, end, back), tree, rest > 0 ? hint(`and ${count(rest, "span")} more`) : "");
}

function head(trace, start, end, back) {
  const services = [...new Set(trace.spans.map(span => span.service))];
  const sampling = trace.spans.map(samplingOf).find(Boolean);
  return element("div", { className: "head" },
    element("button", { className: "back", onclick: back }, "← Traces"),
    element("h2", {}, trace.trace_id),
    element("p", {}, [count(trace.spans.length, "span"), time(end - start), new Date(start / 1e6).toISOString(), sampling ?? ""].filter(Boolean).join(" · ")),
    element("p", { className: "services" }, ...services.slice(0, 20).map(service =>
      element("span", { className: "service", style: { "--service": color(service) } }, service))),
    ...hopsOf(trace).map(([hop, items]) => element("p", { className: "baggage", title: "DD_TRACE_BAGGAGE_TAG_KEYS=* shows all items" },
      `baggage ${hop}: `, element("code", {}, items))));
}

// The hops on which baggage travelled, each once: who sent it and who received it, and the items.
function hopsOf(trace) {
  const services = new Map(trace.spans.map(span => [span.span_id, span.service]));
  const hops = trace.spans.filter(span => baggageOf(span).length).map(span => [
    `${services.get(span.parent_id) ?? "outside"} → ${span.service}`,
    baggageOf(span).map(([key, value]) => `${key}=${value}`).join(", ")]);
  return [...new Map(hops.map(hop => [hop.join(), hop])).values()];
}

function row(span, hasChildren, { start, length }, chosen, choose, redraw) {
  const isOpen = !collapsed.has(span.span_id);
  const toggle = element("button", { className: "toggle", tabIndex: -1, "aria-hidden": "true" }, hasChildren ? (isOpen ? "▾" : "▸") : "");
  const [name, ...rest] = span.label.split("  ").filter(part => !part.startsWith("service="));
  const left = (span.start - start) / length * 100, width = span.duration / length * 100;
  const place = width > 30 ? { right: `${100 - left - width}%` } : left + width < 80 ? { left: `${left + width}%` } : { right: `${100 - left}%` };
  const line = element("div", {
    role: "treeitem", tabIndex: -1, className: span.error ? "row error" : "row", title: `${span.service}  ${span.label}`,
    "data-span": span.span_id, "aria-level": span.depth + 1, "aria-selected": span.span_id === chosen,
    style: { "--depth": span.depth, "--service": color(span.service) },
  },
  element("div", { className: "label" }, toggle,
    element("span", { className: "text" }, element("span", { className: "service" }, name),
      ` ${rest.join(" ")} `, element("em", {}, span.service))),
  element("div", { className: "time" },
    element("div", { className: "bar", style: { left: `${left}%`, width: `${width}%` } }),
    element("small", { className: width > 30 ? "inside" : "", style: place }, time(span.duration))));
  if (hasChildren) line.setAttribute("aria-expanded", isOpen);
  const turn = isOpening => {
    if (!hasChildren || isOpening === isOpen) return false;
    if (isOpening) collapsed.delete(span.span_id); else collapsed.add(span.span_id);
    redraw();
    byId("trace").querySelector(`[data-span="${span.span_id}"]`)?.focus();
    return true;
  };
  toggle.onclick = event => { event.stopPropagation(); turn(!isOpen); };
  line.onclick = () => choose(span.span_id);
  line.onkeydown = event => {
    const move = { ArrowDown: line.nextElementSibling, ArrowUp: line.previousElementSibling }[event.key];
    if (move) { choose(move.dataset.span); event.preventDefault(); }
    if (event.key === "ArrowRight" || event.key === "ArrowLeft") { turn(event.key === "ArrowRight"); event.preventDefault(); }
  };
  return line;
}
