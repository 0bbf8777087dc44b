"""Runs the conformance cases on the Python client: run.py CONTROL_URL FILE. Prints a line of JSON for each case."""

import json
import os
import sys
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../client/python"))
from prompt_registry import PromptRegistryClient, PromptRenderError, PromptResolutionError  # noqa: E402

CONTROL = sys.argv[1]


def control(**operation):
    request = urllib.request.Request(CONTROL, data=json.dumps(operation).encode(), method="POST")
    with urllib.request.urlopen(request) as answer:
        return json.loads(answer.read())


class Time:
    """A clock that only sleeping and the script move. Sockets wait in real time."""

    def __init__(self):
        self.now = 1000.0

    def clock(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


def run(case):
    options = dict(case.get("options", {}))
    begun = control(op="reset", prompts=case["prompts"], local=case.get("local"))
    has_registry = options.pop("registry", True)
    time = Time()
    client = PromptRegistryClient(
        registry_url=begun["url"] if has_registry else None,
        local_dir=begun["local_dir"],
        env={},
        clock=time.clock,
        sleep=time.sleep,
        random=lambda: 0,
        **options,
    )
    fault = "none"
    for number, step in enumerate(case["steps"]):
        where = f"step {number + 1}: "
        if "pass" in step:
            time.now += step["pass"] / 1000
        elif "set" in step:
            control(op="set", prompts=step["set"])
        elif "fault" in step:
            fault = step["fault"]
            control(op="fault", fault=fault, retry_after=step.get("retry_after"))
        elif "peek" in step:
            check(where, client.peek(step["peek"]), step["is"])
        else:
            control(op="forget")
            asked, start = client.metrics()["requests"], time.now
            result = result_of(step, client)
            took = round((time.now - start) * 1000)
            client.wait_idle()
            got = control(op="requests")
            for name, value in step.get("is", {}).items():
                check(where + name, result.get(name, "missing"), value)
            for name in ("requests", "raw_requests"):
                if name in step:
                    check(where + name, got[name], step[name])
            if "asks" in step:
                check(where + "asks", client.metrics()["requests"] - asked, step["asks"])
            if "takes" in step and not str(fault).startswith("hangs"):
                check(where + "takes", took, step["takes"])


def result_of(step, client):
    try:
        if "render" in step:
            rendered = client.render(step["render"], step["values"])
            return {"text": rendered.text, "messages": rendered.messages}
        if "all" in step:
            return client.get_all(step["all"])
        resolution = client.resolve(step["call"], step.get("mode"), step.get("ttl_ms"))
        return {**vars(resolution), "attempts": shown(resolution.attempts)}
    except PromptRenderError as error:
        return {"code": error.code, "names": list(error.names), "message": str(error)}
    except PromptResolutionError as error:
        return {"code": error.code, "attempts": shown(error.attempts)}


def shown(attempts):
    return [f"{attempt.tier} {attempt.code}" for attempt in attempts]


def check(what, given, expected):
    if given != expected:
        raise AssertionError(f"{what}: expected {expected!r}, but it is {given!r}")


with open(sys.argv[2], encoding="utf-8") as file:
    cases = json.load(file)
for one in cases:
    try:
        run(one)
        error = None
    except Exception as caught:
        error = f"{type(caught).__name__}: {caught}"
    print(json.dumps({"name": one["name"], "error": error}), flush=True)
