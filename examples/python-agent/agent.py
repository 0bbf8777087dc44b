"""An agent that starts from a blueprint and takes one line of its standard input as one message.

It has no model: for each turn it says which version of its system prompt it runs on, and where that came from. The
registry and everything else is configured by variables; see the README beside it.
"""

import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
# In an agent of your own, copy prompt_registry.py beside your code.
sys.path.insert(0, os.path.join(HERE, "../../client/python"))
from prompt_registry import BlueprintError, PromptRegistryClient, PromptResolutionError, Resolution  # noqa: E402


def describe(found: Resolution) -> str:
    name = found.release or found.version or "without a version"
    what = " ".join(word for word in (found.reference, name, found.status) if word)
    why = f", because the registry is {found.attempts[0].code}" if found.attempts else ""
    age = f", {round(found.age_ms / 1000)} s old{why}" if found.stale else ""
    return f"{what} (from {found.tier}{age}): {json.dumps(found.text.splitlines()[0])}"


def main() -> int:
    client = PromptRegistryClient()
    try:
        blueprint = client.load_blueprint(os.path.join(HERE, "blueprint.json"))
        reference = blueprint["prompt_ref"]
        print(f"{blueprint['name']} starts on {describe(client.resolve(reference))}", flush=True)
    except (BlueprintError, PromptResolutionError) as error:
        print(error, file=sys.stderr)
        return 1
    # The prompt is asked for at every turn, so that a new release is used from then on.
    for turn, line in enumerate(sys.stdin, 1):
        try:
            answer = f"is answered with {describe(client.resolve(reference))}"
        except PromptResolutionError as error:
            answer = f"is not answered: {error}"
        print(f'turn {turn}: "{line.rstrip()}" {answer}', flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
