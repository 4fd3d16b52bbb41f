'use strict'
// The Node service of the interoperation tests, traced by dd-trace. The protocol is in README.md.

const tracer = require('dd-trace').init({ flushInterval: 0 })
// Readiness is asked for on a path that makes no trace.
tracer.use('http', { server: { blocklist: ['/healthz'] } })
// One span per request and one per call, as the other languages make them.
tracer.use('express', { middleware: false })
tracer.use('router', { middleware: false })

const express = require('express')
const http = require('node:http')

const TRACE_HEADER = /^(x-datadog-.*|traceparent|tracestate|baggage|b3|x-b3-.*|ot-baggage-.*)$/

const app = express()
app.get('/healthz', (request, response) => response.end('ready'))
app.post('/hop', express.json({ limit: '1mb' }), async (request, response) => {
  const span = tracer.scope().active()
  const received = { ...tracer.getAllBaggageItems() }
  const { set_baggage = {}, remove_baggage = [], tags = {}, keep, drop, next = [] } = request.body
  for (const [key, value] of Object.entries(set_baggage)) tracer.setBaggageItem(key, value)
  for (const key of remove_baggage) tracer.removeBaggageItem(key)
  for (const [key, value] of Object.entries(tags)) span.setTag(key, value)
  if (keep) span.setTag('manual.keep', true)
  if (drop) span.setTag('manual.drop', true)
  const replies = []
  try {
    for (const { url, body } of next) replies.push(await post(url, body))
  } catch (error) {
    response.status(502).json({ error: String(error) })
    return
  }
  const context = span.context()
  response.json({
    service: process.env.DD_SERVICE,
    trace_id: context.toTraceId(true).padStart(32, '0'),
    span_id: context.toSpanId(true).padStart(16, '0'),
    baggage: received,
    headers: Object.fromEntries(Object.entries(request.headers).filter(([name]) => TRACE_HEADER.test(name))),
    replies
  })
})

/** Sends `body` as JSON through the traced client of `node:http` and returns the JSON response. */
function post (url, body) {
  return new Promise((resolve, reject) => {
    const request = http.request(url, { method: 'POST', headers: { 'content-type': 'application/json' } }, response => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', chunk => { text += chunk })
      response.on('error', reject)
      response.on('end', () => {
        if (response.statusCode !== 200) return reject(new Error(`${url} returned ${response.statusCode}: ${text}`))
        try { resolve(JSON.parse(text)) } catch (error) { reject(error) }
      })
    })
    request.on('error', reject)
    request.end(JSON.stringify(body))
  })
}

// The starter holds our stdin: when it is gone, so are we.
process.stdin.on('end', () => process.exit(0)).resume()

const server = app.listen(0, '127.0.0.1', () => console.log(`port ${server.address().port}`))
