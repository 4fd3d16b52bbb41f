"""ddapm-test-agent on a free port. Its own command takes only fixed ports, and opens three."""

import socket

from aiohttp import web
from ddapm_test_agent.agent import make_app

from exit_with_starter import exit_with_starter

CHECKS = [
    "meta_events_is_valid_json",
    "meta_tracer_version_header",
    "trace_content_length",
    "trace_count_header",
    "trace_dd_service",
    "trace_peer_service",
    "trace_stall",
]

app = make_app(
    enabled_checks=CHECKS,
    log_span_fmt="[{name}]",
    snapshot_dir="",
    snapshot_ci_mode=False,
    snapshot_ignored_attrs=[],
    agent_url="",
    trace_request_delay=0.0,
    suppress_trace_parse_errors=False,
    pool_trace_check_failures=True,
    disable_error_responses=False,
    snapshot_removed_attrs=[],
    snapshot_regex_placeholders={},
    vcr_cassettes_directory="",
    vcr_ci_mode=False,
    vcr_provider_map="",
    vcr_ignore_headers="",
    vcr_json_body_normalizers="",
    vcr_body_regex_normalizers="",
    dd_site="",
    dd_api_key=None,
    disable_llmobs_data_forwarding=True,
)

exit_with_starter()
listener = socket.create_server(("127.0.0.1", 0))
print(f"port {listener.getsockname()[1]}", flush=True)
web.run_app(app, sock=listener, print=None)
