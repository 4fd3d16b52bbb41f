// Statistics, and requests that were refused.

import { ask, byId, element, hint, time } from "./element.js";

export async function drawStatistics() {
  const rows = await ask("/statistics");
  if (!rows) return;
  byId("statistics").replaceChildren(rows.length
    ? table(["service", "operation", "resource", "kind", "status", "#hits", "#errors", "#p50", "#p95", "#p99"], rows.map(row =>
      [row.service, row.name, row.resource, row.span_kind, row.http_status_code || "", row.hits, row.errors,
        ...[row.p50, row.p95, row.p99].map(duration => duration === null ? "" : time(duration))]))
    : hint("No statistics received. To get them from tracers, start dev-agent with --statistics."));
}

// Returns their number.
export async function drawRefusals(isShown) {
  const rows = await ask("/refusals");
  if (isShown) byId("refusals").replaceChildren(rows.length
    ? table(["request", "#bytes", "reason"], rows.map(row => [`${row.method} ${row.path}`, row.body_bytes, row.reason]))
    : hint("Every request was accepted."));
  return rows.length;
}

// Columns whose names begin with # hold numbers.
function table(columns, rows) {
  const cell = name => (value, column) =>
    element(name, { className: columns[column].startsWith("#") ? "number" : "" }, String(value).replace(/^#/, ""));
  return element("table", {},
    element("thead", {}, element("tr", {}, ...columns.map(cell("th")))),
    element("tbody", {}, ...rows.map(row => element("tr", {}, ...row.map(cell("td"))))));
}
