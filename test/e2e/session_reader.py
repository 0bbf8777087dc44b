"""Reads prompts for session.test.ts: a line of JSON for each command on stdin. Only the test moves its clock."""

import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../client/python"))
from prompt_registry import PromptRegistryClient, PromptResolutionError  # noqa: E402

now = [1000.0]
client = PromptRegistryClient(
    registry_url=sys.argv[1],
    mode="production",
    env={},
    clock=lambda: now[0],
    start_timer=lambda seconds, callback: lambda: None,
)
run = None


def text_of(read):
    try:
        return read()
    except PromptResolutionError as error:
        return error.code


for line in sys.stdin:
    name, argument = json.loads(line)
    answer = None
    if name == "begin":
        run = client.session("support")
        answer = run.release
    elif name == "read":
        answer = text_of(lambda: run.get(argument))
    elif name == "call":
        answer = text_of(lambda: client.get(argument))
    elif name == "refresh":
        run.refresh()
        answer = run.release
    elif name == "pass":
        now[0] += argument / 1000
    client.wait_idle()
    print(json.dumps(answer), flush=True)
