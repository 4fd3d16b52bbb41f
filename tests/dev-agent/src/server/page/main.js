// The page: the visible view, the chosen trace and span, and the effects of keys.
//
// The address names what is chosen, so that it can be reloaded and linked to: /trace/<trace id>#<span id>.

import { ask, byId, count, forgetAnswers } from "./element.js";
import { drawList } from "./list.js";
import { drawSpan } from "./span.js";
import { drawRefusals, drawStatistics } from "./tables.js";
import { drawTrace } from "./waterfall.js";

const VIEWS = ["traces", "statistics", "refusals"];
let view = "traces", found = [], trace = null;
let traceId = location.pathname.match(/^\/trace\/(.+)$/)?.[1] ?? "", spanId = location.hash.slice(1);

function remember() {
  history.replaceState(null, "", traceId ? `/trace/${traceId}${spanId && `#${spanId}`}` : "/");
}

function show(name) {
  view = name;
  for (const other of VIEWS) byId(other).hidden = other !== name;
  for (const button of document.querySelectorAll("nav button")) button.setAttribute("aria-current", button.dataset.view === name);
  forgetAnswers();
  refresh();
}

async function open(id, span = "") {
  [traceId, spanId, trace] = [id, span, null];
  remember();
  if (view !== "traces") show("traces");
  await loadTrace(true);
  mark();
}

function close() {
  [traceId, spanId, trace] = ["", "", null];
  remember();
  draw();
  mark();
}

function choose(span) {
  spanId = span;
  remember();
  for (const row of document.querySelectorAll("[role=treeitem]")) {
    const isChosen = row.dataset.span === span;
    row.setAttribute("aria-selected", isChosen);
    row.tabIndex = isChosen ? 0 : -1;
    if (isChosen) { row.focus(); row.scrollIntoView({ block: "nearest" }); }
  }
  drawSpan(trace, trace.spans.find(other => other.span_id === span), open);
}

function mark() {
  for (const button of document.querySelectorAll("#found button")) {
    const isChosen = button.dataset.trace === traceId;
    button.setAttribute("aria-current", isChosen);
    if (isChosen) button.scrollIntoView({ block: "nearest" });
  }
}

function draw() {
  byId("traces").classList.toggle("open", Boolean(traceId));
  if (trace && !trace.spans.some(span => span.span_id === spanId)) spanId = trace.spans[0]?.span_id ?? "";
  drawTrace(trace, spanId, choose, close);
  drawSpan(trace, trace?.spans.find(span => span.span_id === spanId), open);
  const first = document.querySelector("[role=treeitem][aria-selected=true]");
  if (first) first.tabIndex = 0;
}

// An id as logs have it may be decimal and half: the search finds the whole.
async function whole(id) {
  if (/^[0-9a-f]{32}$/.test(id)) return id;
  const { traces } = await (await fetch(`/search?q=${encodeURIComponent(`id:${id}`)}`)).json();
  return traces[0]?.trace_id ?? id;
}

async function loadTrace(isNew) {
  if (!traceId) return draw();
  try {
    traceId = await whole(traceId);
    if (isNew) forgetAnswers();
    const loaded = await ask(`/traces/${traceId}`);
    if (!loaded) return;
    trace = loaded;
  } catch {
    trace = null;
  }
  draw();
}

async function loadList() {
  const loaded = await ask(`/search?q=${encodeURIComponent(byId("search").value)}`);
  if (!loaded) return;
  found = loaded.traces;
  drawList(found, traceId, open);
  const dropped = loaded.traces_dropped ? `, ${loaded.traces_dropped} older ones forgotten` : "";
  byId("status").textContent = `${found.length === 1000 ? "newest " : ""}${count(found.length, "trace")}${dropped}`;
}

let timer = 0;
async function refresh() {
  clearTimeout(timer);
  try {
    if (view === "traces") { await loadList(); await loadTrace(false); }
    if (view === "statistics") await drawStatistics();
    const refused = await drawRefusals(view === "refusals");
    byId("refused").hidden = !refused;
    byId("refused").textContent = refused;
  } catch {
    byId("status").textContent = "the agent does not respond";
    forgetAnswers();
  }
  timer = setTimeout(refresh, 1000);
}

function step(by) {
  const place = found.findIndex(other => other.trace_id === traceId);
  const next = found[place < 0 ? 0 : place + by];
  if (next) open(next.trace_id);
}

function nextError() {
  const spans = trace?.spans ?? [];
  const place = spans.findIndex(span => span.span_id === spanId);
  const next = [...spans.slice(place + 1), ...spans.slice(0, place + 1)].find(span => span.error);
  if (next) choose(next.span_id);
}

document.addEventListener("keydown", event => {
  if (event.ctrlKey || event.metaKey || event.altKey || byId("help").open) return;
  const isTyping = event.target.tagName === "INPUT";
  if (event.key === "Escape") return isTyping ? event.target.blur() : close();
  if (isTyping) return;
  const actions = {
    "/": () => byId("search").focus(), "?": () => byId("help").showModal(),
    j: () => step(1), k: () => step(-1), e: nextError,
    ArrowDown: () => event.target === document.body && document.querySelector("[role=treeitem]")?.focus(),
  };
  const action = actions[event.key];
  if (action) { if (event.key === "/") event.preventDefault(); action(); }
});

byId("search").oninput = () => { forgetAnswers(); loadList(); };
byId("help-button").onclick = () => byId("help").showModal();
byId("forget").onclick = async () => { close(); await fetch("/traces", { method: "DELETE" }); refresh(); };
for (const button of document.querySelectorAll("nav button")) button.onclick = () => show(button.dataset.view);
show("traces");
