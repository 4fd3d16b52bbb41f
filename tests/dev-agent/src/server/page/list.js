// The list of traces: newest first, one line each.

import { byId, clock, color, count, element, hint, time } from "./element.js";

export function drawList(traces, chosen, choose) {
  const found = byId("found");
  if (!traces.length) {
    found.replaceChildren(byId("search").value
      ? hint("No trace matches.")
      : hint("Nothing received yet. Start a service with ", element("code", {}, `DD_TRACE_AGENT_URL=${location.origin}`)));
    return;
  }
  found.replaceChildren(...traces.map(trace => element("li", {}, line(trace, chosen, choose))));
}

function line(trace, chosen, choose) {
  const resource = trace.resource === trace.name ? trace.name : `${trace.name}  ${trace.resource}`;
  const more = trace.services > 1 ? ` +${trace.services - 1}` : "";
  const button = element("button", { title: resource, className: trace.errors ? "error" : "", "data-trace": trace.trace_id },
    element("b", {}, resource),
    element("small", {},
      element("span", { className: "service", style: { "--service": color(trace.service) } }, trace.service + more),
      element("span", {}, count(trace.spans, "span")),
      trace.errors ? element("em", {}, count(trace.errors, "error")) : "",
      element("span", {}, time(trace.duration)),
      element("time", {}, clock(trace.start))));
  button.setAttribute("aria-current", trace.trace_id === chosen);
  button.onclick = () => choose(trace.trace_id);
  return button;
}
