// One span with all of its data.

import { byId, element, hint, time } from "./element.js";

const MECHANISMS = {
  0: "no rate known yet", 1: "rate of the Agent", 3: "rule or rate of the tracer", 4: "manual decision", 5: "security",
  8: "rule for single spans", 11: "remote rule", 12: "adaptive remote rule",
};

// The reason why a trace was kept or dropped; null for spans that do not have it.
export function samplingOf(span) {
  const priority = span.metrics._sampling_priority_v1;
  if (priority === undefined) return null;
  const maker = span.meta["_dd.p.dm"]?.slice(1);
  const rate = span.metrics["_dd.rule_psr"] ?? span.metrics["_dd.agent_psr"];
  const parts = [maker && (MECHANISMS[maker] ?? `mechanism ${maker}`), rate !== undefined && `rate ${rate}`,
    span.metrics["_dd.limit_psr"] !== undefined && `limit let ${span.metrics["_dd.limit_psr"]} through`].filter(Boolean);
  return `${priority > 0 ? "kept" : "dropped"} (${priority})${parts.length ? `: ${parts.join(", ")}` : ""}`;
}

// Items of baggage that arrived with a span, as tracers tag them.
export const baggageOf = span => Object.entries(span.meta)
  .filter(([key]) => key.startsWith("baggage.")).map(([key, value]) => [key.slice("baggage.".length), value]);

// Items of baggage that left with a span: those that its children of other services received.
export const baggageSentBy = (trace, span) => {
  const received = trace.spans.filter(child => child.parent_id === span.span_id && child.service !== span.service).flatMap(baggageOf);
  return [...new Map(received.map(([key, value]) => [`${key}=${value}`, [key, value]])).values()];
};

export function drawSpan(trace, span, open) {
  if (!span) return byId("span").replaceChildren(hint("Choose a span to see its tags."));
  const root = trace.spans[0].start;
  const isBaggage = ([key]) => key.startsWith("baggage.");
  const isError = ([key]) => key.startsWith("error.");
  const meta = Object.entries(span.meta);
  const sampling = samplingOf(span);
  byId("span").replaceChildren(
    element("h2", {}, span.name),
    ...section("Span", [["service", span.service], ["resource", span.resource], ...(span.type ? [["type", span.type]] : []),
      ["start", `${new Date(span.start / 1e6).toISOString()} (+${time(span.start - root)})`], ["duration", time(span.duration)],
      ["trace id", trace.trace_id], ["span id", span.span_id],
      ["parent id", Number(`0x${span.parent_id}`) ? link(trace.trace_id, span.parent_id, open) : "none"]]),
    ...(span.error ? section("Error", meta.filter(isError), "marked, without details") : []),
    ...(sampling ? section("Sampling", [["decision", sampling]]) : []),
    ...section("Baggage received", baggageOf(span)),
    ...section("Baggage sent", baggageSentBy(trace, span)),
    ...section("Meta", meta.filter(entry => !isBaggage(entry) && !(span.error && isError(entry)))),
    ...section("Metrics", Object.entries(span.metrics)),
    ...span.span_links.flatMap((to, index) => section(`Link ${index + 1}`, [
      ["span", link(to.trace_id, to.span_id, open)], ...Object.entries(to.attributes),
      ...(to.tracestate ? [["tracestate", to.tracestate]] : []), ...(to.flags === null ? [] : [["flags", to.flags]])])),
    ...span.span_events.flatMap(event => section(`Event +${time(event.time_unix_nano - span.start)}`,
      [["name", event.name], ...Object.entries(event.attributes)])),
    ...section("Meta struct", Object.entries(span.meta_struct)));
}

function link(traceId, spanId, open) {
  return element("a", { href: `/trace/${traceId}#${spanId}`, onclick: event => { event.preventDefault(); open(traceId, spanId); } }, spanId);
}

function section(title, entries, otherwise) {
  if (!entries.length) return otherwise ? [element("h3", {}, title), element("p", {}, otherwise)] : [];
  const text = value => value instanceof Node || typeof value === "string" ? value : JSON.stringify(value);
  const lines = entries.map(([key, value]) => element("tr", {}, element("td", {}, key), element("td", {}, text(value))));
  return [element("h3", {}, title), element("table", {}, ...lines)];
}
