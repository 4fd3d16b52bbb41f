"""A small program whose spans and statistics are compared with those of packdog. Nothing is instrumented: it makes its
spans by hand when it is asked to, as `tests/integration/ddtrace.rs` does with packdog."""

from http.server import BaseHTTPRequestHandler, HTTPServer

from ddtrace import tracer

from exit_with_starter import exit_with_starter


def run():
    with tracer.trace("web.request", resource="GET /users/{id}", span_type="web") as root:
        root.set_tag("span.kind", "server")
        root.set_tag("http.method", "GET")
        root.set_tag("http.route", "/users/{id}")
        root.set_tag("http.status_code", "200")
        root.set_tag("team", "apm")
        root.set_metric("items", 3)
        root.set_metric("_dd.measured", 1)
        with tracer.trace("users.load", resource="users") as load:
            load.set_tag("cache", "miss")
        with tracer.trace("postgres.query", service="users-db", resource="SELECT", span_type="sql") as query:
            query.set_tag("span.kind", "client")
            query.set_tag("peer.service", "users-db")
            query.set_tag("out.host", "10.1.2.3")
        with tracer.trace("mail.send", resource="welcome") as mail:
            mail.error = 1
            mail.set_tag("error.type", "Timeout")
            mail.set_tag("error.message", "no response")
            mail.set_metric("_dd.measured", 1)
    for status in ("200", "404"):
        with tracer.trace("web.request", resource="GET /", span_type="web") as root:
            root.set_tag("span.kind", "server")
            root.set_tag("http.status_code", status)
    with tracer.trace("job.run", resource="dropped") as root:
        root.set_tag("manual.drop")
    tracer.flush()
    tracer.shutdown()


class Requests(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/run":
            run()
        elif self.path == "/warm-up":
            with tracer.trace("warm.up"):
                pass
            tracer.flush()
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_):
        pass


exit_with_starter()
server = HTTPServer(("127.0.0.1", 0), Requests)
print(f"port {server.server_port}", flush=True)
server.serve_forever()
