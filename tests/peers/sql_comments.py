"""Prints the comments that ddtrace writes for the spans of its argument, a JSON array: each comment, and the tag that
says whether it has ids."""

import json
import os
import sys

os.environ.update(DD_INSTRUMENTATION_TELEMETRY_ENABLED="false", DD_TRACE_AGENT_URL="http://127.0.0.1:1")

from ddtrace import config
from ddtrace.internal.settings._database_monitoring import dbm_config
from ddtrace.propagation._database_monitoring import _DBM_Propagator
from ddtrace.trace import Context, tracer


def comment(case):
    config.service, config.env, config.version = case["service"], case["env"], case["version"]
    dbm_config.propagation_mode = case["mode"]
    parent = Context(trace_id=int(case["trace_id"], 16), span_id=1, sampling_priority=case["priority"])
    span = tracer.start_span("query", service=case["span_service"], child_of=parent)
    span.span_id = int(case["span_id"], 16)
    for name, value in case["tags"].items():
        span.set_tag(name, value)
    text = _DBM_Propagator(0, "query")._get_dbm_comment(span)
    return {"text": text, "injected": span.get_tag("_dd.dbm_trace_injected")}


print(json.dumps([comment(case) for case in json.loads(sys.argv[1])]))
sys.stdout.flush()
os._exit(0)  # There is nothing to deliver.
