"""The Python service of the interoperation tests, traced by ddtrace. The protocol is in README.md."""

import ddtrace.auto  # noqa: F401  Before what it instruments.

import os
import re
import socket

import httpx
import uvicorn
from ddtrace import tracer
from ddtrace.constants import MANUAL_DROP_KEY, MANUAL_KEEP_KEY
from starlette.applications import Starlette
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route

from exit_with_starter import exit_with_starter

TRACE_HEADER = re.compile(r"x-datadog-.*|traceparent|tracestate|baggage|b3|x-b3-.*|ot-baggage-.*")


async def hop(request):
    span = tracer.current_span()
    received = dict(span.context.get_all_baggage_items())
    todo = await request.json()
    for key, value in todo.get("set_baggage", {}).items():
        span.context.set_baggage_item(key, value)
    for key in todo.get("remove_baggage", []):
        span.context.remove_baggage_item(key)
    for key, value in todo.get("tags", {}).items():
        span.set_tag(key, value)
    if todo.get("keep"):
        span.set_tag(MANUAL_KEEP_KEY)
    if todo.get("drop"):
        span.set_tag(MANUAL_DROP_KEY)
    replies = []
    async with httpx.AsyncClient(timeout=60) as client:
        for call in todo.get("next", []):
            response = await client.post(call["url"], json=call["body"])
            if response.status_code != 200:
                text = f"{call['url']} returned {response.status_code}: {response.text}"
                return JSONResponse({"error": text}, status_code=502)
            replies.append(response.json())
    return JSONResponse(
        {
            "service": os.environ.get("DD_SERVICE"),
            "trace_id": f"{span.trace_id:032x}",
            "span_id": f"{span.span_id:016x}",
            "baggage": received,
            "headers": {name: value for name, value in request.headers.items() if TRACE_HEADER.fullmatch(name)},
            "replies": replies,
        }
    )


async def user(request):
    return PlainTextResponse(f"user {request.path_params['id']}")


async def error(request):
    return PlainTextResponse("error", status_code=500)


async def missing(request):
    return PlainTextResponse("missing", status_code=404)


class Untraced:
    """Responds to the readiness request in front of the application, where ddtrace does not see it."""

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        if scope["type"] == "http" and scope["path"] == "/healthz":
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"ready"})
        else:
            await self.app(scope, receive, send)


exit_with_starter()
routes = [
    Route("/hop", hop, methods=["POST"]),
    Route("/users/{id}", user),
    Route("/error", error),
    Route("/missing", missing),
]
app = Untraced(Starlette(routes=routes))
listener = socket.create_server(("127.0.0.1", 0))
print(f"port {listener.getsockname()[1]}", flush=True)
uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off")).run(sockets=[listener])
