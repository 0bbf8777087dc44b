"""Runs the conformance cases on the Python client: run.py CONTROL_URL FILE. Prints a line of JSON for each case."""

import hashlib
import json
import os
import sys
import tempfile
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../client/python"))
from prompt_registry import PromptRegistryClient, PromptRenderError, PromptResolutionError  # noqa: E402

CONTROL = sys.argv[1]


def control(**operation):
    request = urllib.request.Request(CONTROL, data=json.dumps(operation).encode(), method="POST")
    with urllib.request.urlopen(request) as answer:
        return json.loads(answer.read())


class Time:
    """A clock and timers that only sleeping and the script move. Sockets wait in real time."""

    def __init__(self):
        self.now = 1000.0
        self.timers = []

    def start_timer(self, seconds, callback):
        timer = (self.now + seconds, callback)
        self.timers.append(timer)
        return lambda: timer in self.timers and self.timers.remove(timer)

    def pass_by(self, seconds, idle):
        """Goes on from timer to timer."""
        end = self.now + seconds
        while True:
            due = sorted((timer for timer in self.timers if timer[0] <= end), key=lambda timer: timer[0])
            if not due:
                break
            self.timers.remove(due[0])
            self.now = max(self.now, due[0][0])
            due[0][1]()
            idle()
        self.now = end

    def clock(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


# Wall clock at which the clock of the client is 0.
EPOCH = 1e9


def run(case):
    with tempfile.TemporaryDirectory() as folder:
        run_in(folder, case)


def run_in(folder, case):
    options = dict(case.get("options", {}))
    begun = control(op="reset", prompts=case["prompts"], sets=case.get("sets", {}), local=case.get("local"))
    has_registry = options.pop("registry", True)
    snapshot = os.path.join(folder, "state", "snapshot") if options.pop("snapshot", False) else None
    time, events, changes = Time(), [], []
    bundle = None
    if "bundle" in case:
        bundle = os.path.join(folder, "bundle")
        write(bundle, bundle_of(case["bundle"], time))

    def start(path="", **more):
        given = dict(
            registry_url=begun["url"] + path if has_registry else None,
            local_dir=begun["local_dir"],
            snapshot_file=snapshot,
            bundle_file=bundle,
            on_event=lambda event: events.append(event["type"]),
            env={},
            clock=time.clock,
            now=lambda: EPOCH + time.now,
            sleep=time.sleep,
            start_timer=time.start_timer,
            random=lambda: 0,
        )
        return PromptRegistryClient(**{**given, **options, **more})

    def on_change(change):
        changes.append(f"{change.reference} {change.error.code if change.error else change.resolution.text}")

    client, session = start(), None
    fault = "none"
    for number, step in enumerate(case["steps"]):
        where = f"step {number + 1}: "
        if "restart" in step:
            client.close()
            client = start(**step["restart"])
        elif "refuses" in step:
            check(where, refusal(start, step["refuses"]), "invalid_configuration")
        elif "damage" in step:
            write(snapshot, step["damage"])
        elif "edit" in step:
            write(snapshot, read(snapshot).replace(*step["edit"]))
        elif "saved" in step:
            check(where + "saved", saved_references(snapshot), step["saved"])
        elif "events" in step:
            check(where + "events", events, step["events"])
            events.clear()
        elif "unwatch" in step:
            client.close()
        elif "move" in step:
            control(op="move", sets=step["move"])
        elif "set" in step:
            control(op="set", prompts=step["set"])
        elif "fault" in step:
            fault = step["fault"]
            control(op="fault", fault=fault, retry_after=step.get("retry_after"))
        elif "peek" in step:
            check(where, client.peek(step["peek"]), step["is"])
        else:
            control(op="forget")
            changes.clear()
            asked, begin = client.metrics()["requests"], time.now
            if "pass" in step:
                time.pass_by(step["pass"] / 1000, client.wait_idle)
                result = {}
            elif "watch" in step:
                client.watch(step["watch"], on_change)
                result = {}
            elif "session" in step:
                try:
                    session = client.session(step["session"], step.get("outside", "error"))
                    result = {"set": session.set, "release": session.release}
                except PromptResolutionError as error:
                    result = {"code": error.code}
            elif "refresh" in step:
                session.refresh()
                result = {"set": session.set, "release": session.release}
            else:
                result = result_of(step, client, session)
            took = round((time.now - begin) * 1000)
            client.wait_idle()
            got = control(op="requests")
            for name, value in step.get("is", {}).items():
                check(where + name, result.get(name, "missing"), value)
            for name in ("requests", "raw_requests", "applications"):
                if name in step:
                    check(where + name, got[name], step[name])
            if "changes" in step:
                check(where + "changes", changes, step["changes"])
            if "asks" in step:
                check(where + "asks", client.metrics()["requests"] - asked, step["asks"])
            if "takes" in step and not str(fault).startswith("hangs"):
                check(where + "takes", took, step["takes"])


def refusal(start, options):
    try:
        start(**options)
    except PromptResolutionError as error:
        return error.code
    return None


def bundle_of(answers, time):
    saved = [
        {
            "reference": one["reference"],
            **({"mode": one["mode"]} if "mode" in one else {}),
            "tier": "http",
            "at": (EPOCH + time.now) * 1000 - one["age_ms"],
            "found": {"text": one["content"], "promptId": one["reference"]},
        }
        for one in answers
    ]
    body = json.dumps(saved)
    return json.dumps({"schema": 1, "registry": None, "sha256": sha256(body)}) + "\n" + body + "\n"


def saved_references(snapshot):
    check("files", os.listdir(os.path.dirname(snapshot)), ["snapshot"])
    header, body = read(snapshot).split("\n")[:2]
    check("checksum", json.loads(header)["sha256"], sha256(body))
    return [one["reference"] for one in json.loads(body)]


def sha256(text):
    return hashlib.sha256(text.encode()).hexdigest()


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def result_of(step, client, session):
    try:
        if "render" in step:
            rendered = client.render(step["render"], step["values"])
            return {"text": rendered.text, "messages": rendered.messages}
        if "all" in step:
            return client.get_all(step["all"])
        if "read" in step:
            resolution = session.resolve(step["read"])
        else:
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
