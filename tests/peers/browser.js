// Walks through the page of the dev agent in a real browser, and ends with 1 at the first thing that is not so.
//
// node browser.js <address of the agent> <path of Chromium>

"use strict";

const assert = require("node:assert");
const { chromium } = require("playwright-core");

const [url, executablePath] = process.argv.slice(2);

const steps = {
  "shows the newest trace first, and marks the failed one": async page => {
    await page.waitForSelector("#found button");
    const lines = await page.locator("#found b").allTextContents();
    assert.deepEqual(lines, ["shop.order  POST /orders", "shop.visit"]);
    assert.equal(await page.locator("#found button.error").count(), 1);
  },
  "finds a trace by a search, and says so when none matches": async page => {
    await page.fill("#search", "service:cashier error");
    await page.waitForFunction(() => document.querySelectorAll("#found button").length === 1);
    await page.fill("#search", "service:nowhere");
    await page.waitForSelector("text=No trace matches.");
    await page.fill("#search", "");
    await page.waitForFunction(() => document.querySelectorAll("#found button").length === 2);
  },
  "draws a waterfall with a bar and a service for each span": async page => {
    await page.click("text=POST /orders");
    await page.waitForSelector("[role=treeitem]");
    const rows = page.locator("[role=treeitem]");
    assert.deepEqual(await rows.evaluateAll(all => all.map(row => row.getAttribute("aria-level"))), ["1", "2", "2", "3"]);
    assert.deepEqual(await page.locator("#trace .services .service").allTextContents(), ["shop", "cashier"]);
    const bars = await page.locator(".bar").evaluateAll(all => all.map(bar => bar.getBoundingClientRect().width));
    assert.ok(bars.every(width => width >= 2), bars.join());
    assert.match(page.url(), /\/trace\/[0-9a-f]{32}/);
  },
  "tells why the trace was kept, and which baggage travelled": async page => {
    assert.match(await page.textContent("#trace .head"), /kept \(2\): manual decision/);
    assert.match(await page.textContent("#trace .baggage"), /baggage shop → cashier: user\.id=7/);
    await page.locator("[role=treeitem]").first().click();
    assert.match(await page.textContent("#span h3:has-text('Baggage sent') + table"), /user\.id\s*7/);
    await page.locator("[role=treeitem]:has-text('order.pay')").click();
    assert.match(await page.textContent("#span h3:has-text('Baggage received') + table"), /user\.id\s*7/);
  },
  "collapses and expands with the keyboard": async page => {
    const count = () => page.locator("[role=treeitem]").count();
    await page.locator("[role=treeitem]").first().click();
    await page.keyboard.press("ArrowLeft");
    assert.equal(await count(), 1);
    await page.keyboard.press("ArrowRight");
    assert.equal(await count(), 4);
  },
  "walks to a failed span and shows its error": async page => {
    await page.keyboard.press("e");
    await page.waitForSelector("#span h3:has-text('Error')");
    assert.match(await page.textContent("#span"), /error\.message\s*no change/);
  },
  "follows a link to another trace": async page => {
    await page.locator("[role=treeitem]").first().click();
    await page.click("#span h3:has-text('Link') + table a");
    await page.waitForSelector("#span h2:has-text('shop.visit')");
  },
  "opens a trace by the id that a log has": async page => {
    const id = await page.locator("#trace h2").textContent();
    await page.goto(`${url}/trace/${BigInt(`0x${id.slice(16)}`)}`);
    await page.waitForSelector(`h2:has-text('${id}')`);
  },
  "lists requests that were refused": async page => {
    assert.equal(await page.textContent("#refused"), "1");
    await page.click("nav >> text=Refused");
    await page.waitForSelector("#refusals td:has-text('content-type is')");
  },
  "adds up statistics": async page => {
    await page.click("nav >> text=Statistics");
    await page.waitForSelector("#statistics .hint, #statistics td");
  },
  "fits a narrow window: the list, or the trace with a way back": async page => {
    await page.setViewportSize({ width: 400, height: 700 });
    await page.goto(url);
    await page.waitForSelector("#found button");
    assert.ok(!(await page.isVisible("#trace")));
    await page.click("#found button");
    await page.click("text=← Traces");
    assert.ok(await page.isVisible("#list"));
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(width <= 400, `${width} wide`);
  },
  "is dark where the system is": async page => {
    const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await background();
    await page.emulateMedia({ colorScheme: "dark" });
    assert.notEqual(await background(), light);
  },
};

(async () => {
  const args = ["--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync"];
  const browser = await chromium.launch({ executablePath, args });
  const page = await browser.newPage({ viewport: { width: 1300, height: 800 } });
  page.setDefaultTimeout(30_000);
  const complaints = [];
  page.on("pageerror", error => complaints.push(String(error)));
  try {
    await page.goto(url);
    for (const [name, step] of Object.entries(steps)) {
      await step(page).catch(error => { throw new Error(`the page ${name}: ${error.message}`); });
    }
    assert.deepEqual(complaints, []);
  } finally {
    await browser.close();
  }
})().catch(error => { console.error(error.message); process.exit(1); });
