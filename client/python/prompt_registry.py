"""Reads prompts of a Prompt Registry at run time, whatever is down. One file, standard library only.

    client = PromptRegistryClient(registry_url="https://prompts.example.com", mode="production")
    text = client.get("support/triage")

A call looks in this order, and the first text wins:

1. the cache, if it is fresh. If it is older than the TTL it is used too, while one request runs in the background.
2. ``lambda``: the registry's function, invoked directly (needs boto3).
3. ``http``: the registry by HTTP.
4. what a registry last answered, however old.
5. ``local``: a file in ``local_dir``.
6. PromptResolutionError, which lists why each tier failed.

It keeps the same promises as the TypeScript client; test/conformance runs the same cases on both. Python 3.9 or newer.
"""

import base64
import copy
import functools
import hashlib
import http.client
import json
import os
import random as _random
import re
import shlex
import socket
import ssl
import threading
import time
import unicodedata
from dataclasses import dataclass, field, replace
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence, Tuple, Union
from urllib.parse import quote, urlsplit

__all__ = [
    "PromptRegistryClient",
    "PromptResolutionError",
    "PromptRenderError",
    "BlueprintError",
    "PromptSession",
    "Resolution",
    "Rendered",
    "Attempt",
    "PromptChange",
]

MODES = ("simulation", "dev", "staging", "production")
_MODE_NAMES = {**{mode: mode for mode in MODES}, "backtest": "simulation", "paper": "staging", "live": "production"}

REFUSAL_TTL_MS = 5000
PATIENCE_MS = 1000
RETRY_AFTER_MS = 1000
DEBOUNCE_MS = 1000
SHORTEST_POLL_MS = 1000
OPEN_MS = 1000
LONGEST_OPEN_MS = 30_000
RETRIES = 2
RETRY_BUCKET = 10
BATCH = 100
APPLICATION_HEADER = "x-prompt-registry-application"
# The parts are short, so that no key or token is a name by mistake.
_APPLICATION = re.compile(r"[a-z0-9]{1,24}(?:[._/-][a-z0-9]{1,24})*")
MAX_ANSWER_BYTES = 32 * 1024 * 1024
MAX_FILE_BYTES = (40 + 256) * 1024

_ABOUT_THE_PROMPT = ("revoked", "gone", "mode_not_allowed", "not_found", "not_released", "not_in_set")
# Errors of a whole batch that are an answer about each of its prompts.
_ABOUT_ALL = ("mode_not_allowed", "no_set")
_OUTAGES = ("unreachable", "timeout", "busy", "unavailable")
_CODE_OF_STATUS = {401: "unauthorized", 403: "forbidden", 405: "method_not_allowed", 429: "busy"}
_CODE_OF_STATUS.update({status: "unavailable" for status in (408, 502, 503, 504)})


@dataclass(frozen=True)
class Attempt:
    """Why one tier did not give a prompt."""

    tier: str
    code: str
    message: str


@dataclass(frozen=True)
class Resolution:
    """A prompt, where it came from, and why from there. ``config`` and ``variables`` are copies of the caller's own."""

    reference: str
    text: str
    prompt_id: str
    version: Optional[str]
    release: Optional[str]
    status: Optional[str]
    description: Optional[str]
    tags: Tuple[str, ...]
    variables: Any
    config: Any
    immutable: bool
    archived: bool
    tier: str
    age_ms: float
    stale: bool
    # answered, fallback, cached, stale or last_known_good
    reason: str
    attempts: Tuple[Attempt, ...]
    # What ``render`` needs; None if the registry or the folder does not say.
    template_language: Optional[str] = None
    inputs: Any = None
    messages: Any = None
    template: Optional[str] = None
    # The id of an archived prompt now. Nothing follows it by itself.
    moved_to: Optional[str] = None
    # The source that owns the prompt. None: none, or an older registry or a file did not name it.
    source: Optional[str] = None
    # Its source was rolled back, and its prompts do not all serve that set yet.
    settling: bool = False


@dataclass(frozen=True)
class Rendered:
    """A prompt with its values filled in. ``messages`` is None if it is a single text."""

    text: str
    messages: Optional[List[Dict[str, str]]]
    resolution: Resolution


class PromptRenderError(Exception):
    """Why a prompt cannot be rendered. ``names`` are the variables that it is about."""

    def __init__(self, code: str, message: str, names: Sequence[str] = ()):
        super().__init__(message)
        self.code = code
        self.names = tuple(names)


@dataclass(frozen=True)
class PromptChange:
    """A prompt that is watched has another text or version now (``resolution``), or is refused (``error``)."""

    reference: str
    resolution: Optional[Resolution] = None
    error: Optional["PromptResolutionError"] = None


class PromptResolutionError(Exception):
    """Why there is no prompt. ``code`` is the reason, ``attempts`` has every tier in order."""

    def __init__(self, code: str, message: str, attempts: Sequence[Attempt] = ()):
        super().__init__(message)
        self.code = code
        self.attempts = tuple(attempts)


class BlueprintError(Exception):
    """A blueprint that cannot be used. The message begins with the file."""


class _TierError(Exception):
    """Why a tier has no answer."""

    def __init__(self, code: str, message: str, retry_after_ms: Optional[float] = None):
        super().__init__(message)
        self.code = code
        self.retry_after_ms = retry_after_ms


class _Refusal(Exception):
    """What the registry answers about a prompt: it is revoked, not released, or not there."""

    def __init__(self, code: str, message: str, details: Optional[Mapping[str, Any]] = None):
        super().__init__(message)
        self.code = code
        self.details = details or {}


# --- references ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Question:
    reference: str
    prompt_id: str
    pin: Optional[str]
    mode: Optional[str]
    # The set to look in, and the source that released it. None: the stable version.
    digest: Optional[str] = None
    source: Optional[str] = None

    @property
    def key(self) -> "_Key":
        return (self.reference, self.mode, self.digest)


_Key = Tuple[str, Optional[str], Optional[str]]


_UNDERSCORE_PIN = re.compile(r"^(.+)_v(\d+(?:\.\d+){0,2})$")
_VERSION_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._+-]{0,127}$")


def _parse_reference(reference: Any, mode: Optional[str]) -> _Question:
    if not isinstance(reference, str):
        raise TypeError(f'A reference is a string such as "support/triage", not {type(reference).__name__}.')
    prompt_id, at, pin = reference.partition("@")
    if at == "":
        match = _UNDERSCORE_PIN.match(reference)
        if match is not None:
            prompt_id, pin = match.groups()
    problem = _id_problem(prompt_id) or (_pin_problem(pin) if at or pin else None)
    if problem is not None:
        raise PromptResolutionError("invalid_reference", f'"{reference}" is not a reference. {problem}')
    return _Question(reference, prompt_id, pin or None, mode)


def _id_problem(prompt_id: str) -> Optional[str]:
    segments = prompt_id.split("/")
    if any(segment in ("", ".", "..") for segment in segments):
        return "It has an empty segment, or one that is a path."
    if len(prompt_id) > 600 or any(ord(one) < 32 or one in '\\%?#"' for one in prompt_id):
        return "It is too long, or has a character that no prompt id has."
    return None


_NOT_IN_A_FILE_NAME = re.compile(r'[:*<>|]|[. ](/|$)|(^|/)(con|prn|aux|nul|com[0-9]|lpt[0-9]) *(\.|/|$)', re.IGNORECASE)


def _id_key(prompt_id: str) -> str:
    """The same for ids that differ only by case or by compatible forms of their characters."""
    folded = unicodedata.normalize("NFKC", prompt_id).casefold()
    return unicodedata.normalize("NFKC", re.sub("[\u00ad\u034f\u200b-\u200f\u2060-\u2064\ufe00-\ufe0f]", "", folded))


def _pin_problem(pin: str) -> Optional[str]:
    if _VERSION_NAME.match(pin) and pin.lower() not in ("stable", "latest"):
        return None
    return f'"{pin}" cannot name a version.'


def _parse_mode(text: Optional[str]) -> Optional[str]:
    if text is None:
        return None
    mode = _MODE_NAMES.get(str(text).strip().lower())
    if mode is None:
        names = ", ".join(MODES)
        raise PromptResolutionError("invalid_mode", f'"{text}" is not a mode; use one of {names} (or backtest, paper, live).')
    return mode


# --- what is known ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Found:
    text: str
    prompt_id: str
    version: Optional[str] = None
    release: Optional[str] = None
    status: Optional[str] = None
    description: Optional[str] = None
    tags: Tuple[str, ...] = ()
    variables: Any = None
    config: Any = None
    immutable: bool = False
    archived: bool = False
    moved_to: Optional[str] = None
    template_language: Optional[str] = None
    inputs: Any = None
    messages: Any = None
    template: Optional[str] = None
    source: Optional[str] = None
    settling: bool = False
    # What its identity covers besides, of a prompt that was verified.
    parts: Any = None


@dataclass
class _Entry:
    question: _Question
    answer: Union[_Found, _Refusal]
    tier: str
    etag: Optional[str]
    at: float
    # Of a set, so it holds until a revocation.
    lasts: bool = False
    # From a snapshot or a bundle, and not confirmed since.
    restored: bool = False
    retry_at: float = 0
    attempts: Tuple[Attempt, ...] = ()
    used: int = 0
    used_at_answer: int = 0
    # When the registry last answered about this prompt itself.
    answered_at: float = 0
    # The turn of the pointers at which it was last asked about this prompt itself. Less than any: no pointer confirms it.
    turn: int = -1

    @property
    def is_refusal(self) -> bool:
        return isinstance(self.answer, _Refusal)


def _next_step(entry: Optional[_Entry], now: float, ttl_ms: float, stale_for_ms: float) -> str:
    """use, refresh (use, and ask in the background), ask_briefly or ask."""
    if entry is None:
        return "ask"
    if entry.lasts:
        return "use"
    age = now - entry.at
    if isinstance(entry.answer, _Refusal):
        return "use" if age < min(ttl_ms, REFUSAL_TTL_MS) or now < entry.retry_at else "ask"
    if age < ttl_ms:
        return "use"
    if ttl_ms == 0:
        return "ask"
    must_ask = entry.restored or (age >= stale_for_ms and not entry.answer.immutable)
    return "ask_briefly" if must_ask and now >= entry.retry_at else "refresh"


def _lasts(question: _Question, answer: Union[_Found, _Refusal]) -> bool:
    """What a set has, and what it does not have, holds for good."""
    if question.digest is None:
        return False
    return answer.code == "not_in_set" if isinstance(answer, _Refusal) else answer.immutable


@dataclass(frozen=True)
class _Outcome:
    # found, unchanged, refused or failed
    kind: str
    attempts: Tuple[Attempt, ...]
    tier: str = ""
    found: Optional[_Found] = None
    etag: Optional[str] = None
    refusal: Optional[_Refusal] = None


_NOTHING = _Outcome("failed", ())


def _ends_search(refusal: _Refusal, question: _Question) -> bool:
    if refusal.code == "not_released":
        return question.pin is not None or refusal.details.get("never") is not True
    return refusal.code != "not_found"


# --- keys ---------------------------------------------------------------------------------------------------------


class _Curve:
    """Points of y^2 = x^3 + ax + b, or of a twisted Edwards curve, as the subclasses say. Nothing here is secret."""

    # The prime of the field.
    p: int

    def add(self, one: Any, other: Any) -> Any:
        raise NotImplementedError

    def multiply(self, scalar: int, point: Any, zero: Any) -> Any:
        result = zero
        while scalar > 0:
            if scalar & 1:
                result = self.add(result, point)
            point = self.add(point, point)
            scalar >>= 1
        return result


class _Edwards25519(_Curve):
    """RFC 8032, section 5.1. A point is (X, Y, Z, T)."""

    p = 2**255 - 19
    order = 2**252 + 27742317777372353535851937790883648493
    d = -121665 * pow(121666, 2**255 - 21, 2**255 - 19) % (2**255 - 19)
    zero = (0, 1, 1, 0)

    def add(self, one: Any, other: Any) -> Any:
        p = self.p
        a, b = (one[1] - one[0]) * (other[1] - other[0]) % p, (one[1] + one[0]) * (other[1] + other[0]) % p
        c, d = 2 * one[3] * other[3] * self.d % p, 2 * one[2] * other[2] % p
        e, f, g, h = b - a, d - c, d + c, b + a
        return e * f % p, g * h % p, f * g % p, e * h % p

    def point(self, encoded: bytes) -> Any:
        """None if there is no such point."""
        p, y = self.p, int.from_bytes(encoded, "little")
        sign, y = y >> 255, y & (2**255 - 1)
        if y >= p:
            return None
        square = (y * y - 1) * pow(self.d * y * y + 1, p - 2, p) % p
        x = pow(square, (p + 3) // 8, p)
        if (x * x - square) % p != 0:
            x = x * pow(2, (p - 1) // 4, p) % p
        if (x * x - square) % p != 0 or (x == 0 and sign == 1):
            return None
        x = p - x if x & 1 != sign else x
        return x, y, 1, x * y % p

    def equal(self, one: Any, other: Any) -> bool:
        return all((one[n] * other[2] - other[n] * one[2]) % self.p == 0 for n in (0, 1))


class _P256(_Curve):
    """FIPS 186-5. A point is (x, y), or None for the point at infinity."""

    p = 2**256 - 2**224 + 2**192 + 2**96 - 1
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    b = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
    base = (
        0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
        0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
    )

    def add(self, one: Any, other: Any) -> Any:
        p = self.p
        if one is None or other is None:
            return other if one is None else one
        if one[0] == other[0]:
            if (one[1] + other[1]) % p == 0:
                return None
            slope = (3 * one[0] * one[0] - 3) * pow(2 * one[1], p - 2, p)
        else:
            slope = (other[1] - one[1]) * pow(other[0] - one[0], p - 2, p)
        x = (slope * slope - one[0] - other[0]) % p
        return x, (slope * (one[0] - x) - one[1]) % p

    def has(self, x: int, y: int) -> bool:
        return x < self.p and y < self.p and (y * y - x * x * x + 3 * x - self.b) % self.p == 0


_EDWARDS, _NIST = _Edwards25519(), _P256()
_BASE25519 = _EDWARDS.point((4 * pow(5, _EDWARDS.p - 2, _EDWARDS.p) % _EDWARDS.p).to_bytes(32, "little"))


def _verify_ed25519(key: bytes, message: bytes, signature: bytes) -> bool:
    if len(signature) != 64:
        return False
    point, first = _EDWARDS.point(key), _EDWARDS.point(signature[:32])
    scalar = int.from_bytes(signature[32:], "little")
    if point is None or first is None or scalar >= _EDWARDS.order:
        return False
    digest = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % _EDWARDS.order
    left = _EDWARDS.multiply(scalar, _BASE25519, _EDWARDS.zero)
    return _EDWARDS.equal(left, _EDWARDS.add(first, _EDWARDS.multiply(digest, point, _EDWARDS.zero)))


def _verify_p256(key: Tuple[int, int], message: bytes, signature: bytes) -> bool:
    numbers = _der_integers(signature)
    if numbers is None or not all(0 < one < _NIST.order for one in numbers):
        return False
    r, s = numbers
    inverse = pow(s, _NIST.order - 2, _NIST.order)
    digest = int.from_bytes(hashlib.sha256(message).digest(), "big")
    one = _NIST.multiply(digest * inverse % _NIST.order, _NIST.base, None)
    other = _NIST.multiply(r * inverse % _NIST.order, key, None)
    point = _NIST.add(one, other)
    return point is not None and point[0] % _NIST.order == r


def _der_integers(data: bytes) -> Optional[Tuple[int, int]]:
    """The two integers of an ECDSA signature in DER, which has one encoding for each pair."""

    def encoded(number: int) -> bytes:
        content = number.to_bytes(number.bit_length() // 8 + 1, "big")
        return b"\x02" + bytes([len(content)]) + content

    if len(data) < 8 or len(data) > 72 or data[0] != 0x30 or data[2] != 0x02 or data[3] > len(data) - 6:
        return None
    middle = 4 + data[3]
    r, s = int.from_bytes(data[4:middle], "big"), int.from_bytes(data[middle + 2 :], "big")
    body = encoded(r) + encoded(s)
    return (r, s) if data == b"\x30" + bytes([len(body)]) + body else None


# SubjectPublicKeyInfo up to the key itself.
_SPKI_ED25519 = bytes.fromhex("302a300506032b6570032100")
_SPKI_P256 = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107034200")
_SSH_ED25519 = b"\0\0\0\x0bssh-ed25519\0\0\0\x20"
_SSH_P256 = b"\0\0\0\x13ecdsa-sha2-nistp256\0\0\0\x08nistp256\0\0\0\x41"


class _PublicKey:
    """A public key: a line of OpenSSH or PEM, Ed25519 or ECDSA on P-256. Raises ValueError with a clause."""

    def __init__(self, text: str):
        if "PRIVATE KEY" in text:
            raise ValueError("it is a private key; use the public one")
        pem = re.match(r"\s*-----BEGIN PUBLIC KEY-----([A-Za-z0-9+/=\s]+)-----END", text)
        words = text.split()
        try:
            data = base64.b64decode("".join(pem[1].split()) if pem else words[1], validate=True)
        except (IndexError, ValueError):
            raise ValueError("it is neither a line of OpenSSH nor a PEM public key") from None
        for prefix, size in ((_SPKI_ED25519, 32), (_SSH_ED25519, 32), (_SPKI_P256, 65), (_SSH_P256, 65)):
            if data.startswith(prefix) and len(data) == len(prefix) + size:
                self._key = data[len(prefix) :]
                break
        else:
            raise ValueError("its type is not supported; use ssh-ed25519 or ECDSA on P-256")
        self._point = (int.from_bytes(self._key[1:33], "big"), int.from_bytes(self._key[33:], "big"))
        if len(self._key) == 65 and (self._key[0] != 4 or not _NIST.has(*self._point)):
            raise ValueError("its point is malformed")

    def verify(self, message: bytes, signature: bytes) -> bool:
        if len(self._key) == 32:
            return _verify_ed25519(self._key, message, signature)
        return _verify_p256(self._point, message, signature)


def _key_texts(text: Optional[str]) -> List[str]:
    """The public keys in a text, with a comma or a line break between them. Comment lines begin with ``#``."""
    found = re.findall(r"-----BEGIN [\s\S]+?-----END [^-]+-----|[^,\n]+", text or "")
    return [one.strip() for one in found if one.strip() and not one.strip().startswith("#")]


# --- proof --------------------------------------------------------------------------------------------------------

_SET_PREDICATE = "urn:prompt-registry:release-set:v1"
_STATEMENT_PAYLOAD = "application/vnd.in-toto+json"
_STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
_MOST_SIGNATURES = 16
_MOST_RELEASES = 20


class _ProofError(Exception):
    """Why something is not proven, as a sentence."""


class _OlderSet(_ProofError):
    """A proof is valid, but a newer one is known."""


@dataclass(frozen=True)
class _VerifiedSet:
    kind: str
    source: str
    sequence: int
    members: Mapping[str, str]
    digest: str


def _canonical_json(value: Any) -> str:
    """Keys sorted by UTF-16 code units, no white space, numbers and strings as JavaScript writes them."""
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: key.encode("utf-16-be", "surrogatepass"))
        return "{" + ",".join(f"{_js_string(key)}:{_canonical_json(value[key])}" for key in keys) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_canonical_json, value)) + "]"
    return _js_string(value) if isinstance(value, str) else _js_json(value)


def _js_string(text: str) -> str:
    """JavaScript escapes lone surrogates."""
    return re.sub("[\ud800-\udfff]", lambda one: f"\\u{ord(one[0]):04x}", json.dumps(text, ensure_ascii=False))


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def _is_nothing(value: Any) -> bool:
    return value is None or value == [] or value == {}


def _identity(found: "_Found", parts: Mapping[str, Any]) -> str:
    """As the registry computes it. Raises for parts of another shape."""
    front_matter, additions = parts["front_matter"], parts["additions"] or {}
    if front_matter is None:
        tags = list(found.tags)
        fields = {"variables": found.variables, "config": found.config, "description": found.description, "tags": tags}
        rest = {name: value for name, value in fields.items() if not _is_nothing(value)}
        return _sha256(_canonical_json({"content": found.text, **rest})) if rest else _sha256(found.text)
    file_sha256 = _files_sha256(_sha256(front_matter + found.text), parts["sidecars"], parts["files"])
    added = {name: value for name, value in additions.items() if not _is_nothing(value)}
    return _sha256(_canonical_json({"file_sha256": file_sha256, "additions": added})) if added else file_sha256


def _files_sha256(file_sha256: str, sidecars: Any, files: Any) -> str:
    if sidecars is None and files is None:
        return file_sha256
    texts = {} if sidecars is None else {name: _sha256(text) for name, text in sidecars["texts"].items()}
    main = "SKILL.md" if sidecars is None else sidecars["main"]
    others = {one["path"]: one["sha256"] for one in files or []}
    return _sha256(_canonical_json({**others, **texts, main: file_sha256}))


def _decoded(text: Any) -> bytes:
    if not isinstance(text, str) or not re.fullmatch(r"[A-Za-z0-9+/_-]+={0,2}", text):
        raise ValueError("it has a payload or a signature that is not base64")
    plain = text.rstrip("=").replace("-", "+").replace("_", "/")
    return base64.b64decode(plain + "=" * (-len(plain) % 4))


def _parse_envelope(envelope: Any) -> Tuple[str, bytes, List[bytes]]:
    fields = envelope if isinstance(envelope, dict) else {}
    kind, signatures = fields.get("payloadType"), fields.get("signatures")
    if not isinstance(kind, str):
        raise ValueError("it has no payloadType")
    if not isinstance(signatures, list) or not signatures:
        raise ValueError("it has no signature")
    if len(signatures) > _MOST_SIGNATURES:
        raise ValueError(f"it has more than {_MOST_SIGNATURES} signatures")
    sigs = [_decoded(one.get("sig") if isinstance(one, dict) else None) for one in signatures]
    return kind, _decoded(fields.get("payload")), sigs


def _parse_set(kind: str, payload: bytes) -> _VerifiedSet:
    """The set, with the digest that it names. Raises ValueError with a clause."""
    if kind != _STATEMENT_PAYLOAD:
        raise ValueError(f"its payload is not {_STATEMENT_PAYLOAD}")
    try:
        statement = json.loads(payload.decode("utf-8"))
    except ValueError:
        raise ValueError("it is not JSON in UTF-8") from None
    if not isinstance(statement, dict):
        raise ValueError("it is not a JSON object")
    if statement.get("_type") != _STATEMENT_TYPE:
        raise ValueError(f"its payload is not {_STATEMENT_TYPE}")
    subjects, predicate = statement.get("subject"), statement.get("predicate")
    if not isinstance(subjects, list) or not subjects or not all(map(_is_subject, subjects)):
        raise ValueError("it has no subject with a name and a digest")
    if not isinstance(predicate, dict):
        raise ValueError("it has no predicate")
    if statement.get("predicateType") != _SET_PREDICATE:
        raise ValueError(f"its predicate is not {_SET_PREDICATE}")
    if predicate.get("kind") not in ("release", "emergency"):
        raise ValueError("its kind is neither release nor emergency")
    source, named, sequence = (predicate.get(name) for name in ("source", "set", "sequence"))
    if not isinstance(source, str) or source == "":
        raise ValueError("it names no source")
    if not isinstance(named, str):
        raise ValueError("it names no set")
    if not isinstance(sequence, int) or isinstance(sequence, bool):
        raise ValueError("its sequence is not a number")
    return _VerifiedSet(predicate["kind"], source, sequence, _members(subjects, named), named)


def _is_subject(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("name"), str) and isinstance(value.get("digest"), dict)


def _members(subjects: Sequence[Mapping[str, Any]], named: str) -> Dict[str, str]:
    members: Dict[str, str] = {}
    for subject in subjects:
        name, digest = subject["name"], subject["digest"].get("sha256")
        if name == f"/sets/{named}":
            continue
        if name in members:
            raise ValueError(f'it names "{name}" twice')
        if not isinstance(digest, str):
            raise ValueError(f'it has no SHA-256 of "{name}"')
        members[name] = digest
    return members


def _short(identity: str) -> str:
    return identity[:12]


class _Verifier:
    """Checks prompts against signed sets. All tiers of a client share one, so that none goes back to an older set.

    It reads a file only up to its content, because the standard library has no YAML. So what front matter, additions,
    and sidecars say is left out of a prompt that has any.
    """

    def __init__(self, keys: Sequence[str], emergency_keys: Sequence[str]):
        self._keys = {"release": self._read(keys), "emergency": self._read(emergency_keys)}
        # By source: the proof and its set, and the known releases, newest first.
        self._current: Dict[str, Tuple[Any, _VerifiedSet]] = {}
        self._releases: Dict[str, List[_VerifiedSet]] = {}
        self._lock = threading.Lock()

    @staticmethod
    def _read(texts: Sequence[str]) -> List[_PublicKey]:
        keys = []
        for text in texts:
            try:
                keys.append(_PublicKey(text))
            except ValueError as error:
                message = f'The key "{text[:40]}" cannot verify anything: {error}.'
                raise PromptResolutionError("invalid_configuration", message) from None
        return keys

    @property
    def proofs(self) -> List[Any]:
        return [proof for proof, _ in list(self._current.values())]

    def add(self, proof: Any) -> None:
        """Adds the proof of a set. Raises _ProofError, and _OlderSet if a newer one is known."""
        if not isinstance(proof, dict) or not isinstance(proof.get("releases"), list):
            raise _ProofError('The proof of a set is malformed: it needs "statement" and "releases".')
        own = self._verified(proof.get("statement"))
        releases = [self._verified(one) for one in proof["releases"]]
        if own.kind == "emergency":
            self._check_emergency(own, releases)
        with self._lock:
            _, newest = self._current.get(own.source, (None, own))
            known = [own, *(one for one in releases if one.source == own.source), *self._releases.get(own.source, [])]
            by_sequence = {one.sequence: one for one in reversed(known) if one.kind == "release"}
            ordered = sorted(by_sequence.values(), key=lambda one: -one.sequence)
            self._releases[own.source] = ordered[:_MOST_RELEASES]
            if newest.sequence > own.sequence:
                raise _OlderSet(
                    f'The signed set of source "{own.source}" is older ({own.sequence}) '
                    f"than one that was seen before ({newest.sequence})."
                )
            self._current[own.source] = (proof, own)

    def _verified(self, envelope: Any) -> _VerifiedSet:
        try:
            kind, payload, signatures = _parse_envelope(envelope)
        except ValueError as error:
            raise _ProofError(f"The statement of a set cannot be read: {error}.") from None
        encoded = kind.encode("utf-8")
        message = b"DSSEv1 %d %s %d %s" % (len(encoded), encoded, len(payload), payload)
        kinds = [
            name for name, keys in self._keys.items() if any(key.verify(message, one) for key in keys for one in signatures)
        ]
        if not kinds:
            raise _ProofError(
                "The statement of a set is not signed by any of the given keys: "
                "it was changed, or another key signed it."
            )
        try:
            found = _parse_set(kind, payload)
        except ValueError as error:
            raise _ProofError(f"The signed statement of a set cannot be read: {error}.") from None
        if found.kind not in kinds:
            raise _ProofError(f'The set of source "{found.source}" is of kind {found.kind}, but no {found.kind} key signed it.')
        digest = _sha256(_canonical_json({"source": found.source, "members": dict(found.members)}))
        if digest != found.digest:
            raise _ProofError(
                f'The statement of source "{found.source}" names the set {_short(found.digest)}, '
                f"but its members are those of the set {_short(digest)}."
            )
        return found

    @staticmethod
    def _check_emergency(emergency: _VerifiedSet, releases: Sequence[_VerifiedSet]) -> None:
        """An emergency set serves only what earlier releases of its source served."""
        source = emergency.source
        earlier = [
            one for one in releases if (one.kind, one.source) == ("release", source) and one.sequence < emergency.sequence
        ]
        for prompt_id, identity in emergency.members.items():
            if not any(one.members.get(prompt_id) == identity for one in earlier):
                raise _ProofError(
                    f'The emergency set of source "{source}" has version {_short(identity)} of "{prompt_id}", '
                    "which no signed release of this source had before."
                )

    def check(self, question: _Question, found: _Found, parts: Any) -> _Found:
        """The prompt, with what its file proves. Raises _ProofError."""
        parts = _checked_parts(parts)
        if not isinstance(found.text, str) or not isinstance(found.prompt_id, str):
            raise _malformed(question)
        try:
            identity = _identity(found, parts)
        except Exception:  # parts of any other shape
            raise _malformed(question) from None
        if _id_key(found.prompt_id) != _id_key(question.prompt_id):
            raise _ProofError(f'The prompt is "{found.prompt_id}", not "{question.prompt_id}".')
        version = found.version
        if isinstance(version, str) and re.fullmatch("[0-9a-f]{12}", version) and version != _short(identity):
            raise _ProofError(f'The file of "{question.reference}" is version {_short(identity)}, not {version}.')
        problem = self._problem(question, found.prompt_id, identity)
        if problem is not None:
            raise _ProofError(problem)
        return _proven(found, parts, identity)

    def is_proven(self, question: _Question, found: _Found) -> bool:
        """Whether a prompt that was checked is still in the current sets."""
        identity = (found.parts or {}).get("identity", "")
        return self._problem(question, found.prompt_id, identity) is None

    def _problem(self, question: _Question, prompt_id: str, identity: str) -> Optional[str]:
        current = [one for _, one in list(self._current.values())]
        releases = [one for known in list(self._releases.values()) for one in known]
        what = f'The file of "{prompt_id}'
        if question.pin is None:
            if question.digest is not None:
                # A session may read from an earlier set.
                current, releases = [one for one in current + releases if one.digest == question.digest], []
                if not current:
                    return f"There is no signed statement about the set {_short(question.digest)}."
            if any(one.members.get(prompt_id) == identity for one in current):
                return None
            was_released = any(one.members.get(prompt_id) == identity for one in releases)
            own = next((one for one in current if prompt_id in one.members), None)
            if own is not None:
                older = ", which only an older set has" if was_released else ""
                return (
                    f'{what}" is version {_short(identity)}{older}, but the signed set of source '
                    f'"{own.source}" has version {_short(own.members[prompt_id])}.'
                )
            if was_released:
                return f'Only an older set than the current one has "{prompt_id}", so it is not served any more.'
            return _not_a_member(prompt_id, current)
        pin, known = question.pin, current + releases
        if re.fullmatch("[0-9a-f]{12}", pin) and not identity.startswith(pin):
            return f'{what}" is version {_short(identity)}, but the reference pins {pin}.'
        if any(one.members.get(prompt_id) == identity for one in known):
            return None
        if any(prompt_id in one.members for one in known):
            return f'{what}@{pin}" is version {_short(identity)}, which no signed set has.'
        return _not_a_member(prompt_id, known)


def _not_a_member(prompt_id: str, sets: Sequence[_VerifiedSet]) -> str:
    if not sets:
        return f'There is no signed statement that proves "{prompt_id}".'
    sources = ", ".join(dict.fromkeys(f'"{one.source}"' for one in sets))
    return f'The signed set of source {sources} does not have "{prompt_id}".'


def _malformed(question: _Question) -> _ProofError:
    return _ProofError(f'The file of "{question.reference}" is missing or malformed, so its version is unknown.')


def _checked_parts(parts: Any) -> Dict[str, Any]:
    fields = parts if isinstance(parts, dict) else {"front_matter": 0}
    return {name: fields.get(name) for name in ("front_matter", "additions", "sidecars", "files")}


def _parts_in(document: Mapping[str, Any], text: str) -> Any:
    """The parts in an answer with ``include=file``. None if its file does not end with its content."""
    file = document.get("file")
    if file is None:
        return {**document, "front_matter": None}
    if not isinstance(file, str) or not file.endswith(text):
        return None
    return {**document, "front_matter": file[: len(file) - len(text)]}


def _proven(found: _Found, parts: Dict[str, Any], identity: str) -> _Found:
    """Without what only a reader of YAML could prove."""
    known = {**parts, "identity": identity}
    if parts["front_matter"] is None:
        return replace(found, inputs=None, messages=None, template=None, parts=known)
    file = parts["front_matter"] + found.text
    # Only in one format comments may come before front matter.
    cuts = [_without_front_matter(file, extension) for extension in (".md", ".prompt")]
    if parts["front_matter"] != "" and found.text not in cuts:
        raise _ProofError(f'The file of "{found.prompt_id}" cannot be read: its front matter does not end at its text.')
    return replace(
        found,
        **dict.fromkeys(("description", "variables", "config", "inputs", "messages", "template")),
        tags=(),
        parts=known,
    )


def _make_verifier(verify: Optional[str], keys: Sequence[str], emergency_keys: Sequence[str]) -> Optional[_Verifier]:
    if verify == "require" and keys:
        return _Verifier(keys, emergency_keys)
    if verify is None and not keys and not emergency_keys:
        return None
    if verify not in (None, "require"):
        raise PromptResolutionError("invalid_configuration", f'verify ("{verify}") must be "require".')
    raise PromptResolutionError(
        "invalid_configuration",
        'The options verify and keys need each other: verify is "require", keys a list of public keys.',
    )


# --- tiers --------------------------------------------------------------------------------------------------------


class _Breaker:
    """Keeps calls from a tier that is down: one call a second asks it, until it answers."""

    def __init__(self, clock: Callable[[], float], on_change: Callable[[str], None]):
        self._clock = clock
        self._on_change = on_change
        self._open_until: Optional[float] = None
        self._probing = False
        self._lock = threading.Lock()

    @property
    def state(self) -> str:
        if self._open_until is None:
            return "closed"
        return "open" if self._clock() < self._open_until else "half_open"

    def enter(self) -> Optional[str]:
        """None if the tier must not be asked now; else what to give to leave."""
        with self._lock:
            if self._open_until is None:
                return "call"
            if self._probing or self._clock() < self._open_until:
                return None
            self._probing = True
            return "probe"

    def leave(self, entered: str, is_down: bool, retry_after_ms: Optional[float] = None) -> None:
        with self._lock:
            if entered == "probe":
                self._probing = False
            wait = max(OPEN_MS, min(retry_after_ms or 0, LONGEST_OPEN_MS))
            was_down = self._open_until is not None
            self._open_until = self._clock() + wait if is_down else None
        if was_down != is_down:
            self._on_change("open" if is_down else "closed")


class _HttpTransport:
    """HTTP with a pool of connections. The deadline covers connection, headers and body."""

    name = "http"

    def __init__(self, url: str, token: Union[str, Callable[[], str], None], auth: Optional[str], region: Optional[str]):
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise PromptResolutionError(
                "invalid_configuration", "The registry URL must be an address like http://localhost:8080."
            )
        if parts.username or parts.password or parts.query or parts.fragment:
            raise PromptResolutionError(
                "invalid_configuration", f"The registry URL of {parts.hostname} must not hold a password, query or fragment."
            )
        self._parts = parts
        self._base = parts.path.rstrip("/")
        self._token = token
        self._cached_token: Optional[str] = None
        aws = re.search(r"\.(lambda-url|execute-api)\.([a-z0-9-]+)\.", parts.hostname)
        self._signs = (auth or ("iam" if aws and aws.group(1) == "lambda-url" else "token")) == "iam"
        self._service = "lambda" if aws is None or aws.group(1) == "lambda-url" else "execute-api"
        self._region = aws.group(2) if aws else region
        self._idle: List[http.client.HTTPConnection] = []
        self._lock = threading.Lock()
        self._who = f"The registry at {parts.scheme}://{parts.netloc}"

    def send(self, method: str, path: str, headers: Dict[str, str], body: Optional[str], timeout_s: float):
        """Status, headers with names in lower case, and the parsed JSON (None if there is none)."""
        end = time.monotonic() + timeout_s
        answer = self._send_as(method, path, {**headers, **self._authorization(method, path, body, False)}, body, end)
        if answer[0] == 401 and callable(self._token):
            renewed = self._authorization(method, path, body, True)
            answer = self._send_as(method, path, {**headers, **renewed}, body, end)
        return answer

    def _send_as(self, method: str, path: str, headers: Dict[str, str], body: Optional[str], end: float):
        with self._lock:
            connection = self._idle.pop() if self._idle else None
        if connection is not None:
            try:
                return self._exchange(connection, method, path, headers, body, end)
            except (http.client.RemoteDisconnected, ConnectionError, http.client.CannotSendRequest):
                # The peer closed it while nobody looked.
                connection.close()
        return self._exchange(self._connect(end), method, path, headers, body, end)

    def _connect(self, end: float) -> http.client.HTTPConnection:
        host, port = self._parts.hostname or "", self._parts.port
        timeout = max(0.001, end - time.monotonic())
        if self._parts.scheme == "https":
            return http.client.HTTPSConnection(host, port, timeout=timeout, context=ssl.create_default_context())
        return http.client.HTTPConnection(host, port, timeout=timeout)

    def _exchange(self, connection, method: str, path: str, headers: Dict[str, str], body: Optional[str], end: float):
        def remaining() -> float:
            left = end - time.monotonic()
            if left <= 0:
                raise socket.timeout()
            return left

        try:
            if connection.sock is not None:
                connection.sock.settimeout(remaining())
            connection.request(method, self._base + path, body=body, headers=headers)
            # http.client drops its socket once an answer announces that the connection closes.
            raw = connection.sock
            raw.settimeout(remaining())
            response = connection.getresponse()
            chunks, size = [], 0
            while True:
                raw.settimeout(remaining())
                chunk = response.read1(65536)
                if not chunk:
                    break
                size += len(chunk)
                if size > MAX_ANSWER_BYTES:
                    raise _TierError("bad_answer", f"{self._who} answered with more than {MAX_ANSWER_BYTES} bytes.")
                chunks.append(chunk)
            length = response.getheader("content-length")
            if length is not None and response.status != 304 and size < int(length):
                raise http.client.IncompleteRead(b"")
            # Not closed, it would block the connection for the next request.
            response.close()
        except BaseException:
            connection.close()
            raise
        answered = {name.lower(): value for name, value in response.getheaders()}
        if response.will_close:
            connection.close()
        else:
            with self._lock:
                self._idle.append(connection)
        return response.status, answered, _parse_json(b"".join(chunks), response.status, self._who)

    def _authorization(self, method: str, path: str, body: Optional[str], renewed: bool) -> Dict[str, str]:
        if self._signs:
            return self._signed(method, path, body)
        if callable(self._token):
            if renewed or self._cached_token is None:
                self._cached_token = self._token()
            token = self._cached_token
        else:
            token = self._token
        return {"authorization": f"Bearer {token.strip()}"} if token and token.strip() else {}

    def _signed(self, method: str, path: str, body: Optional[str]) -> Dict[str, str]:
        try:
            from botocore.auth import SigV4Auth
            from botocore.awsrequest import AWSRequest
            from botocore.session import Session
        except ImportError:
            raise _TierError("unreachable", f"{self._who} takes signed requests; install boto3.") from None
        credentials = Session().get_credentials()
        if credentials is None:
            raise _TierError("unreachable", f"{self._who} takes signed requests, and no AWS credentials were found.")
        url = f"{self._parts.scheme}://{self._parts.netloc}{self._base}{path}"
        request = AWSRequest(method=method, url=url, data=body or "")
        SigV4Auth(credentials, self._service, self._region).add_auth(request)
        return dict(request.headers.items())


class _LambdaTransport:
    """Invokes the function of a registry, without a URL in between. boto3 is imported by the first request."""

    name = "lambda"

    def __init__(self, function_name: str, region: Optional[str]):
        self._function_name = function_name
        self._region = region
        self._client: Any = None
        self._who = f"The function {function_name}"

    def send(self, method: str, path: str, headers: Dict[str, str], body: Optional[str], timeout_s: float):
        raw_path, _, query = path.partition("?")
        payload: Dict[str, Any] = {"rawPath": raw_path, "requestContext": {"http": {"method": method, "path": raw_path}}}
        if query:
            payload["rawQueryString"] = query
            payload["queryStringParameters"] = dict(pair.split("=", 1) for pair in query.split("&"))
        if headers:
            payload["headers"] = headers
        if body is not None:
            payload["body"] = body
        try:
            answer = self._loaded(timeout_s).invoke(FunctionName=self._function_name, Payload=json.dumps(payload))
            returned = json.loads(answer["Payload"].read())
        except _TierError:
            raise
        except Exception as error:  # botocore makes its classes at run time
            raise self._failure(error) from None
        if "FunctionError" in answer:
            kind = returned.get("errorType", answer["FunctionError"]) if isinstance(returned, dict) else "an error"
            raise _TierError("bad_answer", f"{self._who} failed with {kind}. Its log has the details.")
        if not isinstance(returned, dict):
            raise _TierError("bad_answer", f"{self._who} returned something that is no HTTP answer.")
        if "statusCode" not in returned:
            return 200, {}, returned
        status = int(returned["statusCode"])
        answered = {name.lower(): str(value) for name, value in (returned.get("headers") or {}).items()}
        text = returned.get("body") or ""
        document = text if isinstance(text, dict) else _parse_json(text.encode(), status, self._who)
        return status, answered, document

    def _loaded(self, timeout_s: float) -> Any:
        if self._client is None:
            try:
                import boto3
                from botocore.config import Config
            except ImportError:
                raise _TierError("unreachable", f"{self._who} cannot be invoked; install boto3.") from None
            limits = {"connect_timeout": timeout_s, "read_timeout": timeout_s}
            self._client = boto3.client(
                "lambda", region_name=self._region, config=Config(retries={"max_attempts": 0}, **limits)
            )
        return self._client

    def _failure(self, error: Exception) -> _TierError:
        name = type(error).__name__
        response = getattr(error, "response", None)
        code = response.get("Error", {}).get("Code", name) if isinstance(response, dict) else name
        if code == "TooManyRequestsException":
            return _TierError("busy", f"{self._who} is throttled ({code}).")
        if "Timeout" in name:
            return _TierError("timeout", f"{self._who} did not answer in time.")
        return _TierError("unreachable", f"{self._who} could not be invoked ({code}); check its name, AWS_REGION and the credentials.")


def _parse_json(data: bytes, status: int, who: str) -> Any:
    if 300 <= status < 400 and status != 304:
        raise _TierError("bad_answer", f"{who} answered with a redirect ({status}), which is not followed.")
    if not data:
        return None
    try:
        return json.loads(data.decode("utf-8"))
    except ValueError:
        if status >= 400:
            return None
        raise _TierError("bad_answer", f"{who} answered {status}, but not with JSON; is this a prompt registry?") from None


class _RegistryTier:
    """One prompt by GET, several by POST /resolve, each with the entity tag of the text that is known."""

    def __init__(self, transport: Any, verifier: Optional[_Verifier] = None, application: Optional[str] = None):
        self.name = transport.name
        self._named = {APPLICATION_HEADER: application} if application else {}
        self._transport = transport
        self._verifier = verifier
        self._batches = True
        self._knows_sets = True

    def ask(self, asked: Sequence[Tuple[_Question, Optional[str]]], timeout_s: float) -> List[Any]:
        """For each question (found, etag), "unchanged", a _Refusal or a _TierError. Raises _TierError for all."""
        if len(asked) == 1 and asked[0][0].digest is None:
            reply = self._ask_one(*asked[0], timeout_s)
            if isinstance(reply, _TierError):
                raise reply
            return [reply]
        replies: List[Any] = []
        for start in range(0, len(asked), BATCH):
            replies.extend(self._ask_chunk(asked[start : start + BATCH], timeout_s))
        return replies

    def _ask_chunk(self, asked: Sequence[Tuple[_Question, Optional[str]]], timeout_s: float) -> List[Any]:
        if self._batches:
            try:
                return self._ask_batch(asked, timeout_s)
            except _TierError as error:
                if error.code not in ("route_not_found", "method_not_allowed", "not_found"):
                    raise
                # An older registry has no POST /resolve.
                self._batches = False
        return [self._ask_one(question, etag, timeout_s) for question, etag in asked]

    def _ask_one(self, question: _Question, etag: Optional[str], timeout_s: float) -> Any:
        path = "/prompts/" + quote(question.reference, safe="/@!'()*~")
        query = {"mode": question.mode, "include": self._verifier and "file"}
        path += "".join(f"{'&' if n else '?'}{name}={value}" for n, (name, value) in enumerate(_given(query)))
        headers = {"accept": "application/json", **({"if-none-match": etag} if etag else {})}
        try:
            status, answered, document = self._send("GET", path, headers, None, timeout_s)
            if status >= 400:
                return self._error(status, answered, document)
            if status == 304 and etag:
                return "unchanged"
            return self._found(document, question, timeout_s), answered.get("etag")
        except (_Refusal, _TierError) as error:
            return error

    def _ask_batch(self, asked: Sequence[Tuple[_Question, Optional[str]]], timeout_s: float) -> List[Any]:
        body: Dict[str, Any] = {"references": [question.reference for question, _ in asked]}
        if asked[0][0].mode is not None:
            body["mode"] = asked[0][0].mode
        if asked[0][0].digest is not None:
            body["set"] = asked[0][0].digest
        elif self._knows_sets:
            body["sets"] = False
        known = {question.reference: etag for question, etag in asked if etag}
        if known:
            body["known"] = known
        if self._verifier is not None:
            body["include"] = ["file"]
        headers = {"accept": "application/json", "content-type": "application/json"}
        status, answered, document = self._send("POST", "/resolve", headers, json.dumps(body), timeout_s)
        if status >= 400:
            error = self._error(status, answered, document)
            if self._knows_sets and error.code == "invalid_request" and "sets" in str(error):
                # An older registry refuses fields that it does not know.
                self._knows_sets = False
                return self._ask_batch(asked, timeout_s)
            if error.code in _ABOUT_ALL:
                return [_Refusal(error.code, str(error)) for _ in asked]
            raise error if isinstance(error, _TierError) else _TierError(error.code, str(error))
        results = document.get("results") if isinstance(document, dict) else None
        if not isinstance(results, list) or len(results) != len(asked):
            raise _TierError("bad_answer", f"The registry did not answer all {len(asked)} references.")
        return [self._result(result, *one, timeout_s) for result, one in zip(results, asked)]

    def _result(self, result: Any, question: _Question, etag: Optional[str], timeout_s: float) -> Any:
        fields = result if isinstance(result, dict) else {}
        if isinstance(fields.get("code"), str):
            error = self._error(404, {}, fields)
            return self._ask_one(question, etag, timeout_s) if error.code == "too_large" else error
        if fields.get("unchanged") is True and etag:
            return "unchanged"
        try:
            return self._found(fields.get("prompt"), question, timeout_s), fields.get("etag")
        except (_Refusal, _TierError) as error:
            return error

    def _found(self, document: Any, question: _Question, timeout_s: float) -> _Found:
        found = _believe(document, question)
        if self._verifier is None:
            return found
        parts = _parts_in(document, found.text)
        try:
            return self._verifier.check(question, found, parts)
        except _ProofError as error:
            source = document.get("source")
            if not isinstance(source, str):
                raise _TierError("unverified", str(error)) from None
        try:
            self._verifier.add(self._proof(source, timeout_s))
            return self._verifier.check(question, found, parts)
        except _ProofError as error:
            raise _TierError("unverified", str(error)) from None

    def _proof(self, source: str, timeout_s: float) -> Any:
        path = f"/sources/{quote(source, safe='')}/set?include=proof"
        status, _, document = self._send("GET", path, {"accept": "application/json"}, None, timeout_s)
        proof = document.get("proof") if status < 400 and isinstance(document, dict) else None
        if proof is None:
            raise _ProofError(f'The registry has no signed set of source "{source}".')
        return proof

    def ask_set(self, source: str, known: Optional["_SetPointer"], timeout_s: float) -> Union["_SetPointer", str]:
        """The current set of a source, "unchanged", or "none". Raises _TierError."""
        path = f"/sources/{quote(source, safe='')}/set"
        headers = {"accept": "application/json"}
        if known is not None:
            path += f"?revoked_since={known.sequence}"
            headers.update({"if-none-match": known.etag} if known.etag else {})
        status, answered, document = self._send("GET", path, headers, None, timeout_s)
        if status == 304 and known is not None:
            return "unchanged"
        if status >= 400:
            error = self._error(status, answered, document)
            # no_set before the first release. An older registry has no such route.
            if error.code in ("no_set", "route_not_found", "not_found", "method_not_allowed"):
                return "none"
            raise error if isinstance(error, _TierError) else _TierError(error.code, str(error))
        fields = document if isinstance(document, dict) else {}
        digest, sequence = fields.get("set"), fields.get("sequence")
        if not isinstance(digest, str) or not isinstance(sequence, int):
            raise _TierError("bad_answer", f'The registry answered without the set of source "{source}".')
        has_revocations = fields.get("revoked_all") is True or bool(fields.get("revoked"))
        return _SetPointer(source, digest, sequence, _string(fields.get("release")), answered.get("etag"), has_revocations, fields.get("drafts") is True)

    def _send(self, method: str, path: str, headers: Mapping[str, str], body: Optional[str], timeout_s: float) -> Any:
        try:
            return self._transport.send(method, path, {**headers, **self._named}, body, timeout_s)
        except (socket.timeout, TimeoutError):
            raise _TierError("timeout", "The registry did not answer in full in time.") from None
        except (OSError, http.client.HTTPException) as error:
            kind = type(error).__name__
            raise _TierError("unreachable", f"The registry could not be reached ({kind}); check that it runs.") from None

    @staticmethod
    def _error(status: int, answered: Mapping[str, str], document: Any) -> Union[_Refusal, _TierError]:
        fields = document if isinstance(document, dict) else {}
        message = fields.get("error") if isinstance(fields.get("error"), str) else None
        code = fields.get("code") if isinstance(fields.get("code"), str) else None
        if code is None:
            if status == 404:
                code = "not_found" if message else "route_not_found"
            else:
                code = _CODE_OF_STATUS.get(status, "internal" if status >= 500 else "invalid_request")
        said = message or f"The registry answered {status}."
        if code == "invalid_prompt_id":
            # An id that only a seeded row can have, and no row has it.
            code = "not_found"
        if code in _ABOUT_THE_PROMPT:
            return _Refusal(code, said, fields.get("details") if isinstance(fields.get("details"), dict) else None)
        try:
            retry_after: Optional[float] = float(answered.get("retry-after", "")) * 1000
        except ValueError:
            retry_after = None
        return _TierError(code, said, retry_after)


def _believe(document: Any, question: _Question) -> _Found:
    """The prompt in an answer, if it is well-formed, the one that was asked for, and its hash is right."""
    if not isinstance(document, dict):
        raise _TierError("bad_answer", "The registry answered with something that is not a prompt.")
    texts = [document.get(name) for name in ("content", "text", "prompt_text", "body")]
    text = next((one for one in texts if isinstance(one, str) and one), None)
    if text is None:
        raise _TierError("bad_answer", "The registry answered without a prompt text.")
    prompt_id = document.get("prompt_id", question.prompt_id)
    if not isinstance(prompt_id, str) or _id_key(prompt_id) not in (_id_key(question.prompt_id), _id_key(question.reference)):
        raise _TierError("bad_answer", f'The registry answered with another prompt than "{question.prompt_id}".')
    expected = document.get("content_sha256")
    if expected is not None and expected != hashlib.sha256(text.encode("utf-8")).hexdigest():
        raise _TierError("bad_answer", f'The registry answered "{question.reference}" with a text that does not match its SHA-256.')
    status = document.get("status")
    if status == "revoked":
        raise _Refusal("revoked", f'The version that "{question.reference}" names is revoked; use another one.')
    return _Found(
        text=text,
        prompt_id=prompt_id,
        version=_string(document.get("version")),
        release=_string(document.get("release")),
        status=status if status in ("draft", "stable", "deprecated") else None,
        description=_string(document.get("description")),
        tags=_strings(document.get("tags")),
        variables=document.get("variables"),
        config=document.get("config"),
        **_meaning(document),
        immutable=document.get("immutable") is True,
        archived=document.get("archived") is True,
        source=_string(document.get("source")),
        settling=document.get("settling") is True,
        moved_to=_string(document.get("moved_to")),
    )


def _meaning(document: Mapping[str, Any]) -> Dict[str, Any]:
    names = ("inputs", "messages")
    lists = {name: document.get(name) if isinstance(document.get(name), list) else None for name in names}
    return {
        **lists,
        "template_language": _string(document.get("template_language")),
        "template": _string(document.get("template")),
    }


def _given(query: Mapping[str, Optional[str]]) -> List[Tuple[str, str]]:
    return [(name, value) for name, value in query.items() if value is not None]


def _string(value: Any) -> Optional[str]:
    return value if isinstance(value, str) else None


def _strings(value: Any) -> Tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list) else ()


# --- rendering ----------------------------------------------------------------------------------------------------

_WORD = r"[\w-]"
_PATH = rf"[^\W\d]{_WORD}*(?:\.{_WORD}+)*"


def _in_braces(name: str) -> "re.Pattern[str]":
    return re.compile(rf"\{{\{{[^\S\n]*(?:{name}[^\S\n]*\}}\}}|(?=[^\s}}]))")


_PLACEHOLDERS = {
    "simple": _in_braces(f"({_PATH})"),
    "f-string": re.compile(rf"\{{({_PATH})\}}|(\{{\{{|\}}\}})|[{{}}]"),
    "semantic-kernel": _in_braces(r"\$([A-Za-z_][A-Za-z0-9_]*)"),
}
_JSON_DEPTH = 64


def _render(prompt: Resolution, values: Mapping[str, Any]) -> Rendered:
    inputs = [one for one in prompt.inputs or [] if isinstance(one, dict)]
    checked = _checked_values(inputs, values)
    language, messages = prompt.template_language, prompt.messages
    fill = _filler(language, {one["name"] for one in inputs}, checked)
    if messages is None:
        text = fill([prompt.template if prompt.template is not None else prompt.text])[0]
        return Rendered(text, None, prompt)
    contents = fill([one.get("content") or "" for one in messages])
    rendered = [{"role": one["role"], "content": content} for one, content in zip(messages, contents)]
    return Rendered("\n".join(one["content"] for one in rendered if one["role"] != "history"), rendered, prompt)


def _filler(language: Optional[str], declared: Any, values: Mapping[str, Any]) -> Callable[[List[str]], List[str]]:
    if language == "jinja":
        return lambda texts: _render_jinja(texts, values)
    if language is not None and language not in _PLACEHOLDERS:
        raise PromptRenderError("no_engine", f"The prompt is a template in {language}, which the Python client cannot render.")
    return lambda texts: [_fill_text(text, language, declared, values) for text in texts]


def _fill_text(text: str, language: Optional[str], declared: Any, values: Mapping[str, Any]) -> str:
    def one(match: "re.Match[str]") -> str:
        path = match.group(1)
        if language is None and (path is None or path.split(".")[0] not in declared):
            return match.group(0)
        if match.re.groups > 1 and match.group(2):
            return match.group(2)[0]
        if path is None:
            raise _unsupported(text, match.start(), language)
        return _shown(_value_at(path.split("."), values))

    return _PLACEHOLDERS[language or "simple"].sub(one, text)


def _unsupported(text: str, index: int, language: Optional[str]) -> PromptRenderError:
    line, column = text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index)
    found = text[index : index + 40].split("\n")[0]
    message = f'Line {line}, column {column}: "{found}" is not {language}. Set another template language.'
    return PromptRenderError("unsupported_template", message)


def _value_at(path: Sequence[str], values: Any) -> Any:
    for name in path:
        if not isinstance(values, dict) or name not in values:
            return None
        values = values[name]
    return values


def _shown(value: Any) -> str:
    """Text as it is, nothing for a missing value, and JSON for the rest, as JavaScript writes it."""
    if isinstance(value, str):
        return value
    return "" if value is None else _js_json(value)


def _js_json(value: Any) -> str:
    if isinstance(value, float):
        if value.is_integer() and abs(value) < 1e21:
            return str(int(value))
        return re.sub(r"e([+-])0+(?=\d)", r"e\1", repr(value))
    if isinstance(value, dict):
        return "{" + ",".join(f"{_js_json(key)}:{_js_json(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_js_json, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def _render_jinja(texts: List[str], values: Mapping[str, Any]) -> List[str]:
    """All messages as one template, with a random marker before each, so that no value begins a message."""
    try:
        from jinja2 import TemplateError, Undefined
        from jinja2.sandbox import ImmutableSandboxedEnvironment
    except ImportError:
        raise PromptRenderError("no_engine", "The prompt is a template in jinja; install jinja2.") from None
    marker = "x" + os.urandom(16).hex()
    environment = ImmutableSandboxedEnvironment(undefined=Undefined, keep_trailing_newline=True)
    try:
        rendered = environment.from_string("\n".join(f"{marker}\n{text}" for text in texts)).render(dict(values))
    except (TemplateError, TypeError, ValueError, ArithmeticError, OverflowError, RecursionError) as error:
        raise PromptRenderError("unsupported_template", f"The jinja template fails. {type(error).__name__}: {error}") from None
    before, *contents = rendered.split(marker)
    if before.strip() or len(contents) != len(texts):
        raise PromptRenderError("unsupported_template", "A block moves or drops a message.")
    return [
        content[1 : -1 if n + 1 < len(texts) and content.endswith("\n") else None] for n, content in enumerate(contents)
    ]


def _checked_values(inputs: Sequence[Mapping[str, Any]], values: Mapping[str, Any]) -> Dict[str, Any]:
    known = {one["name"] for one in inputs}
    unknown = [name for name in values if name not in known]
    if unknown:
        raise PromptRenderError("unknown_variable", f"The prompt does not have the variable {_quoted(unknown)}.", unknown)
    checked: Dict[str, Any] = {}
    missing = []
    for one in inputs:
        name = one["name"]
        if name in values:
            checked[name] = _checked_value(one, values[name])
        elif "default" in one:
            checked[name] = one["default"]
        elif one.get("required"):
            missing.append(name)
    if missing:
        raise PromptRenderError("missing_variable", f"Pass a value for the variable {_quoted(missing)}.", missing)
    return checked


def _checked_value(declared: Mapping[str, Any], given: Any) -> Any:
    name, kind, items = declared["name"], declared.get("type", "any"), declared.get("items")
    value = _plain(given, name, _JSON_DEPTH)
    if not _is_of(kind, value):
        raise _wrong_type(name, f"must be of type {kind}")
    if items is not None and isinstance(value, list) and not all(_is_of(items, one) for one in value):
        raise _wrong_type(name, f"must be an array of {items}")
    choices = declared.get("enum")
    if choices is not None and _js_json(value) not in map(_js_json, choices):
        raise PromptRenderError("invalid_choice", f'Pass one of {_js_json(choices)} for "{name}".', [name])
    return value


def _plain(value: Any, name: str, depth: int) -> Any:
    """A copy of plain JSON. Subclasses may have code, so only the types themselves pass."""
    if value is None or type(value) in (str, bool, int):
        return value
    if type(value) is float and value - value == 0:
        return value
    if depth > 0 and type(value) in (list, tuple):
        return [_plain(one, name, depth - 1) for one in value]
    if depth > 0 and type(value) is dict and all(type(key) is str and key != "__proto__" for key in value):
        return {key: _plain(one, name, depth - 1) for key, one in value.items()}
    raise _wrong_type(name, "must be plain JSON")


def _is_of(kind: str, value: Any) -> bool:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    checks = {
        "any": True,
        "string": isinstance(value, str),
        "number": is_number,
        "integer": is_number and float(value).is_integer(),
        "boolean": isinstance(value, bool),
        "array": isinstance(value, list),
        "object": isinstance(value, dict),
    }
    return checks.get(kind, False)


def _wrong_type(name: str, rule: str) -> PromptRenderError:
    return PromptRenderError("wrong_type", f'"{name}" {rule}.', [name])


def _quoted(names: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


# --- local files --------------------------------------------------------------------------------------------------


class _LocalTier:
    """``{local_dir}/{ref}.txt``, then the other extensions of prompt files. Nothing outside the folder is read.

    The content is cut from its front matter as the registry does. What front matter holds comes from ``prompts.json``,
    which ``promptctl export --dir`` writes, because the standard library has no YAML.
    """

    EXTENSIONS = (
        ".txt", ".md", ".prompt", ".prompty", ".mdc", ".j2", ".liquid", ".hbs", ".yml", ".yaml", ".json", ".toml",
    )
    DOCUMENTS = (".yml", ".yaml", ".json", ".toml")

    def __init__(self, local_dir: str, verifier: Optional[_Verifier] = None):
        self._directory = os.path.abspath(local_dir)
        self._verifier = verifier

    def find(self, question: _Question) -> _Found:
        if _NOT_IN_A_FILE_NAME.search(question.prompt_id):
            raise _TierError("no_file", f'No file has the prompt id "{question.prompt_id}".')
        for extension in self.EXTENSIONS:
            path = os.path.join(self._directory, question.reference + extension)
            data = self._read(path)
            if data is not None:
                return self._found(question, path, data)
        path = os.path.join(self._directory, question.reference)
        raise _TierError("no_file", f"There is no file {path}.txt. {self._how_to_export(question)}")

    def _how_to_export(self, question: _Question) -> str:
        why = "Write it, or run" if question.pin is None else "A pin has a file of its own; run"
        return f"{why}: promptctl export {shlex.quote(question.reference)} --dir {shlex.quote(self._directory)}"

    def _read(self, path: str) -> Optional[bytes]:
        try:
            root, real = os.path.realpath(self._directory), os.path.realpath(path)
            if not os.path.lexists(path):
                return None
            if os.path.commonpath([root, real]) != root:
                raise _TierError("outside_local_dir", f"{path} leads out of the local folder, so it is not read.")
            if not os.path.isfile(real):
                raise _TierError("not_a_file", f"{path} is not a file.")
            if os.path.getsize(real) > MAX_FILE_BYTES:
                raise _TierError("too_large", f"{path} has more than {MAX_FILE_BYTES} bytes.")
            with open(real, "rb") as file:
                return file.read()
        except OSError as error:
            raise _TierError("unreadable", f"{path} cannot be read ({type(error).__name__}).") from None

    def _found(self, question: _Question, path: str, data: bytes) -> _Found:
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            raise _TierError("not_text", f"{path} is not UTF-8; save it as UTF-8.") from None
        extension = os.path.splitext(path)[1]
        content = text if extension in self.DOCUMENTS else _without_front_matter(text, extension) or text
        if content == "":
            raise _TierError("not_text", f"{path} is empty; write the prompt into it.")
        exported = self._read_json("prompts.json", dict).get(question.reference, {})
        found = _Found(
            text=content,
            prompt_id=question.prompt_id,
            version=question.pin or _string(exported.get("version")),
            release=_string(exported.get("release")),
            status=_string(exported.get("status")),
            description=_string(exported.get("description")),
            tags=_strings(exported.get("tags")),
            variables=exported.get("variables"),
            config=exported.get("config"),
            **_meaning(exported),
        )
        return found if self._verifier is None else self._checked(question, found, text, exported)

    def _checked(self, question: _Question, found: _Found, text: str, exported: Mapping[str, Any]) -> _Found:
        """A file that no export wrote is that of its repository."""
        assert self._verifier is not None
        own = {"front_matter": text[: len(text) - len(found.text)]}
        problem: Optional[_ProofError] = None
        for proof in self._read_json("proofs.json", list):
            try:
                self._verifier.add(proof)
            except _OlderSet:
                pass
            except _ProofError as error:
                problem = problem or error
        try:
            return self._verifier.check(question, found, {**own, **exported})
        except _ProofError as error:
            raise _TierError("unverified", str(problem or error)) from None

    def _read_json(self, name: str, kind: Any) -> Any:
        """Empty if there is no such file, or another kind of value in it."""
        try:
            with open(os.path.join(self._directory, name), encoding="utf-8") as file:
                value = json.load(file)
            return value if isinstance(value, kind) else kind()
        except (OSError, ValueError):
            return kind()


def _without_front_matter(text: str, extension: str) -> str:
    """The content of a prompt file: what follows its front matter, if it has any."""
    lines = _lines(text)
    dotprompt = extension == ".prompt"
    top = next((n for n, (line, _) in enumerate(lines) if line.strip() and not (dotprompt and line.startswith("#"))), None)
    if top is None or not _is_fence(lines[top][0]):
        return text
    close = next((n for n in range(top + 1, len(lines)) if _is_fence(lines[n][0])), None)
    if close is None or not _holds_mapping([line for line, _ in lines[top + 1 : close]], extension):
        return text
    return text[lines[close][1] :]


def _lines(text: str) -> List[Tuple[str, int]]:
    """Each line without its end, and the offset after it. A byte order mark is part of no line."""
    lines, start = [], 1 if text.startswith("\ufeff") else 0
    while start < len(text):
        feed = text.find("\n", start)
        after = len(text) if feed == -1 else feed + 1
        line = text[start : len(text) if feed == -1 else feed]
        lines.append((line[:-1] if feed != -1 and line.endswith("\r") else line, after))
        start = after
    return lines


def _is_fence(line: str) -> bool:
    return line.startswith("---") and line[3:].strip(" \t") == ""


def _holds_mapping(lines: Sequence[str], extension: str) -> bool:
    has_comments = False
    for number, line in enumerate(lines):
        words = line.lstrip()
        while words[:1] in ("&", "!"):
            words = words.partition(" ")[2].lstrip()
        if words == "":
            continue
        if words.startswith("#"):
            has_comments = True
            continue
        if words.startswith("{"):
            return _begins_flow_mapping("\n".join([words, *lines[number + 1 :]]))
        if words == "?" or words.startswith("? "):
            return True
        after_blank = number > 0 and all(not one.strip() for one in lines[:number])
        return _begins_block_mapping(words, after_blank)
    return not has_comments or extension in (".prompt", ".prompty")


def _begins_block_mapping(line: str, after_blank: bool) -> bool:
    if line[0] in "\"'":
        close = _closing_quote(line)
        return close != -1 and re.match(r"[ \t]*:([ \t]|$)", line[close + 1 :]) is not None
    if line[0] in ",[]{}#&*!|>\"'%@`" or (line[0] in "-?:" and line[1:2] in ("", " ", "\t")):
        return False
    match = re.search(r":(?=[ \t]|$)", line)
    key = "" if match is None else line[: match.start()].rstrip()
    if key == "" or " #" in key or any(mark in key for mark in (". ", "! ", "? ", ", ", "; ")):
        return False
    return len(key.split()) <= 3 and not (after_blank and key[0] != key[0].lower())


def _begins_flow_mapping(text: str) -> bool:
    inner = text[1:].lstrip()
    if inner[:1] == "}":
        return True
    if inner[:1] in ("'", '"') and inner:
        close = _closing_quote(inner)
        return close != -1 and inner[close + 1 :].lstrip().startswith(":")
    if inner[:1] in ("%", "#"):
        return False
    for at, one in enumerate(inner):
        if one == ":":
            return at > 0
        if one in ",{}[]\n":
            return False
    return False


def _closing_quote(text: str) -> int:
    at = 1
    while at < len(text):
        if text[at] == "\\" and text[0] == '"':
            at += 1
        elif text[at] == text[0]:
            return at
        at += 1
    return -1


# --- snapshots ----------------------------------------------------------------------------------------------------

_SCHEMA = 1


def _encode_snapshot(answers: Sequence[Mapping[str, Any]], registry: Optional[str], proofs: Sequence[Any] = ()) -> str:
    """Lines of JSON, as the TypeScript client writes them: a header with the SHA-256 of the second, the answers, and the
    proofs of sets if there are any."""
    body = json.dumps(answers, separators=(",", ":"))
    header = {"schema": _SCHEMA, "registry": registry, "sha256": hashlib.sha256(body.encode("utf-8")).hexdigest()}
    last = json.dumps(list(proofs), separators=(",", ":")) + "\n" if proofs else ""
    return json.dumps(header, separators=(",", ":")) + "\n" + body + "\n" + last


def _decode_snapshot(text: str, registry: str) -> Tuple[List[Dict[str, Any]], bool, List[Any]]:
    """The answers, whether it is a bundle, and its proofs. Raises ValueError with a sentence why the file is not used."""
    first, body, proofs = (*text.split("\n"), "", "")[:3]
    try:
        header = json.loads(first)
    except ValueError:
        raise ValueError("It is damaged: it is not JSON.") from None
    if not isinstance(header, dict):
        raise ValueError("It is not a snapshot.")
    if header.get("schema") != _SCHEMA:
        raise ValueError(f"It has version {header.get('schema')}; this client reads version {_SCHEMA}.")
    if header.get("sha256") != hashlib.sha256(body.encode("utf-8")).hexdigest():
        raise ValueError("It is damaged: its checksum is wrong.")
    if header.get("registry") not in (None, registry):
        raise ValueError(f"It is from another registry ({header.get('registry')}).")
    try:
        return json.loads(body), header.get("registry") is None, json.loads(proofs or "[]")
    except ValueError:
        raise ValueError("It is damaged: it is not JSON.") from None


def _saved_answer(entry: _Entry, to_wall_clock: float) -> Optional[Dict[str, Any]]:
    """None for a refusal that a restart may forget, and for the answer of a set: no session outlives its process."""
    question, answer = entry.question, entry.answer
    if question.digest is not None:
        return None
    saved = {"reference": question.reference, "mode": question.mode, "tier": entry.tier, "etag": entry.etag}
    saved = {name: value for name, value in saved.items() if value is not None}
    saved["at"] = entry.at + to_wall_clock
    if isinstance(answer, _Refusal):
        # Kept, so that a revoked text does not come back from a file after a restart.
        refusal = {"code": answer.code, "message": str(answer), "details": answer.details}
        return None if answer.code == "not_found" else {**saved, "refusal": refusal}
    fields = {_SAVED_NAMES.get(name, name): value for name, value in vars(answer).items() if name != "parts"}
    if answer.parts is None:
        return {**saved, "found": fields}
    parts = {"frontMatter" if name == "front_matter" else name: value for name, value in answer.parts.items()}
    return {**saved, "found": fields, "parts": parts}


# As the TypeScript client names them.
_SAVED_NAMES = {"prompt_id": "promptId", "template_language": "templateLanguage", "moved_to": "movedTo"}


def _restored_entry(saved: Mapping[str, Any], mode: Optional[str], to_wall_clock: float, now: float, ttl_ms: float) -> _Entry:
    """Times in the future, after the clock was set back, count as older than the TTL."""
    question = _parse_reference(saved["reference"], mode)
    at = saved["at"] - to_wall_clock
    refusal, found = saved.get("refusal"), saved.get("found")
    answer: Union[_Found, _Refusal]
    if found is None:
        refusal = refusal or {}
        answer = _Refusal(refusal.get("code", "revoked"), refusal.get("message", ""), refusal.get("details"))
    else:
        answer = _Found(
            text=found["text"],
            prompt_id=found["promptId"],
            version=found.get("version"),
            release=found.get("release"),
            status=found.get("status"),
            description=found.get("description"),
            tags=_strings(found.get("tags")),
            variables=found.get("variables"),
            config=found.get("config"),
            **_meaning({**found, "template_language": found.get("templateLanguage")}),
            immutable=found.get("immutable") is True,
            archived=found.get("archived") is True,
            source=_string(found.get("source")),
            settling=found.get("settling") is True,
            moved_to=_string(found.get("movedTo")),
        )
    at = now - ttl_ms if at > now else at
    return _Entry(question, answer, saved["tier"], saved.get("etag"), at, restored=True, answered_at=at)


def _saved_parts(parts: Any) -> Any:
    """As the TypeScript client names them."""
    return {**parts, "front_matter": parts.get("frontMatter")} if isinstance(parts, dict) else None


def _write_atomically(path: str, text: str) -> None:
    """Readers see the old text or the new one, never a part."""
    temporary = f"{path}.{os.getpid()}.{threading.get_ident()}.tmp"
    os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
    try:
        with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8", newline="") as file:
            file.write(text)
        os.replace(temporary, path)
    except BaseException:
        if os.path.exists(temporary):
            os.remove(temporary)
        raise


def _start_timer(seconds: float, callback: Callable[[], None]) -> Callable[[], None]:
    """Calls back once, and does not keep the process alive. Returns what cancels it."""
    timer = threading.Timer(seconds, callback)
    timer.daemon = True
    timer.start()
    return timer.cancel


# --- the client ---------------------------------------------------------------------------------------------------


def _checked_application(name: Optional[str]) -> Optional[str]:
    if name is None or (len(name) <= 64 and _APPLICATION.fullmatch(name)):
        return name
    # Not with the name, which may be a secret.
    raise PromptResolutionError(
        "invalid_configuration",
        "The name of an application has up to 64 lower-case letters and digits, in parts of up to 24, "
        'with ".", "_", "/" or "-" between the parts.',
    )


@dataclass
class _Flight:
    """One search that is under way, which all callers share."""

    started_at: float
    done: threading.Event = field(default_factory=threading.Event)
    outcomes: Dict[_Key, _Outcome] = field(default_factory=dict)


class PromptRegistryClient:
    """Safe to use from several threads. Options that are None are read from their variables.

    :param registry_url: address of the registry (``PROMPT_REGISTRY_URL``)
    :param function_name: name or ARN of its Lambda function (``PROMPT_REGISTRY_FUNCTION``)
    :param application: name under which the registry counts the reads of this process, such as ``triage-agent``
        (``PROMPT_REGISTRY_APPLICATION``): lower-case letters and digits, with ``.``, ``_``, ``/`` or ``-`` between parts
    :param auth: ``iam`` or ``token`` (``PROMPT_REGISTRY_AUTH``)
    :param token: bearer token, or a function that returns it (``PROMPT_REGISTRY_TOKEN``)
    :param local_dir: folder of prompt files (``PROMPT_REGISTRY_LOCAL_DIR``)
    :param local_draft: False: local files are for outages only
    :param mode: what this process may see (``EXECUTION_MODE``)
    :param timeout_ms: for one call over all tiers, bodies included (``PROMPT_REGISTRY_TIMEOUT_MS``, default 10,000)
    :param ttl_ms: for which a known text needs no request (``PROMPT_REGISTRY_TTL_MS``, default 60,000)
    :param stale_for_ms: age from which it is asked for first (``PROMPT_REGISTRY_STALE_FOR_MS``, ten times the TTL)
    :param snapshot_file: file that keeps the last known answers (``PROMPT_REGISTRY_SNAPSHOT``), on Lambda below /tmp
    :param bundle_file: file of ``promptctl export --bundle`` (``PROMPT_REGISTRY_BUNDLE``)
    :param verify: ``require``: serve only prompts that a signed set proves, from every tier (``PROMPT_REGISTRY_VERIFY``).
        Then a prompt with front matter has its text alone, because the standard library has no YAML to read the rest
    :param keys: public keys that sign the sets of releases: lines of OpenSSH, or PEM (``PROMPT_REGISTRY_KEYS``)
    :param emergency_keys: those that sign sets derived by hand (``PROMPT_REGISTRY_EMERGENCY_KEYS``)
    :param on_event: called with a dict for everything that happens
    :param clock: seconds on a scale that never goes back
    """

    def __init__(
        self,
        registry_url: Optional[str] = None,
        function_name: Optional[str] = None,
        auth: Optional[str] = None,
        token: Union[str, Callable[[], str], None] = None,
        local_dir: Optional[str] = None,
        local_draft: bool = True,
        mode: Optional[str] = None,
        timeout_ms: Optional[float] = None,
        ttl_ms: Optional[float] = None,
        stale_for_ms: Optional[float] = None,
        max_entries: int = 1000,
        snapshot_file: Optional[str] = None,
        bundle_file: Optional[str] = None,
        verify: Optional[str] = None,
        keys: Optional[Sequence[str]] = None,
        emergency_keys: Optional[Sequence[str]] = None,
        on_event: Optional[Callable[[Dict[str, Any]], None]] = None,
        env: Optional[Mapping[str, str]] = None,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
        start_timer: Callable[[float, Callable[[], None]], Callable[[], None]] = _start_timer,
        random: Callable[[], float] = _random.random,
        application: Optional[str] = None,
    ):
        self._env = os.environ if env is None else env

        def variable(name: str) -> Optional[str]:
            return self._env.get(name) or None

        def number(option: Optional[float], name: str, default: float, least: float) -> float:
            try:
                value = float(option if option is not None else variable(name) or default)
            except ValueError:
                value = -1
            if value < least:
                raise PromptResolutionError("invalid_configuration", f"{name} must be a number of milliseconds, at least {least}.")
            return value

        self._clock_s = clock
        self._now = now
        self._sleep = sleep
        self._start_timer = start_timer
        self._random = random
        self._on_event = on_event
        self._mode = _parse_mode(mode if mode is not None else variable("EXECUTION_MODE"))
        self._timeout_ms = number(timeout_ms, "PROMPT_REGISTRY_TIMEOUT_MS", 10_000, 1)
        self._ttl_ms = number(ttl_ms, "PROMPT_REGISTRY_TTL_MS", 60_000, 0)
        self._stale_for_ms = number(stale_for_ms, "PROMPT_REGISTRY_STALE_FOR_MS", 10 * self._ttl_ms, 0)
        self._max_entries = max_entries
        self._local_draft = local_draft
        self._verifier = _make_verifier(
            verify or variable("PROMPT_REGISTRY_VERIFY"),
            keys if keys is not None else _key_texts(variable("PROMPT_REGISTRY_KEYS")),
            emergency_keys if emergency_keys is not None else _key_texts(variable("PROMPT_REGISTRY_EMERGENCY_KEYS")),
        )
        # The answers of files that no signed set proves.
        self._withheld: Dict[Tuple[str, Optional[str]], Attempt] = {}
        directory = local_dir or variable("PROMPT_REGISTRY_LOCAL_DIR")
        self._local = None if directory is None else _LocalTier(directory, self._verifier)
        self._application = _checked_application(application or variable("PROMPT_REGISTRY_APPLICATION"))
        self._tiers: List[Tuple[_RegistryTier, _Breaker]] = []
        # boto3 itself reads AWS_DEFAULT_REGION only.
        region = variable("AWS_REGION") or variable("AWS_DEFAULT_REGION") or os.environ.get("AWS_REGION")
        function = function_name or variable("PROMPT_REGISTRY_FUNCTION")
        if function is not None:
            self._add_tier(_LambdaTransport(function, region))
        url = registry_url or variable("PROMPT_REGISTRY_URL")
        if url is not None:
            transport = _HttpTransport(
                url, token or variable("PROMPT_REGISTRY_TOKEN"), auth or variable("PROMPT_REGISTRY_AUTH"), region
            )
            self._add_tier(transport)
        self._entries: Dict[_Key, _Entry] = {}
        self._flights: Dict[_Key, _Flight] = {}
        self._pointers = _Pointers(self._search_set, self._clock, self._ttl_ms, self._on_news)
        # The questions for which the pointer of a source was asked, by source and key.
        self._waiting: Dict[str, Dict[_Key, _Question]] = {}
        self._lock = threading.RLock()
        self._retry_tokens: float = RETRY_BUCKET
        self._calls = 0
        self._counters = {"hits": 0, "misses": 0, "requests": 0, "retries": 0, "failures": 0}
        self._archived: set = set()
        self._moved: set = set()
        self._watches: List[Tuple[List[_Question], Callable[[PromptChange], Any]]] = []
        self._stop_polling: Optional[Callable[[], None]] = None
        self._stop_writing: Optional[Callable[[], None]] = None
        self._writing = threading.Lock()
        # Names the addresses that answers come from, without secrets.
        self._identity = " ".join(part for part in (function, url) if part is not None)
        self._snapshot_file = snapshot_file or variable("PROMPT_REGISTRY_SNAPSHOT")
        self._restore([bundle_file or variable("PROMPT_REGISTRY_BUNDLE"), self._snapshot_file])

    def get(self, reference: str, mode: Optional[str] = None, ttl_ms: Optional[float] = None) -> str:
        """The text of ``id``, ``id@pin`` or ``id_v1.3.0``. Raises PromptResolutionError."""
        return self.resolve(reference, mode, ttl_ms).text

    def resolve(self, reference: str, mode: Optional[str] = None, ttl_ms: Optional[float] = None) -> Resolution:
        """The text, its version, and where it came from. Raises PromptResolutionError."""
        result = self._resolve_all([reference], mode, ttl_ms)[0]
        if isinstance(result, PromptResolutionError):
            raise result
        return result

    def render(
        self,
        reference: str,
        values: Optional[Mapping[str, Any]] = None,
        mode: Optional[str] = None,
        ttl_ms: Optional[float] = None,
    ) -> Rendered:
        """Fills the template of a prompt. Values are plain JSON of the declared types; nothing is converted or escaped.

        Roles come from the prompt, never from a value. Templates in jinja need the package ``jinja2``. Raises
        PromptRenderError, and PromptResolutionError as ``resolve`` does.
        """
        resolution = self.resolve(reference, mode, ttl_ms)
        return _render(resolution, values or {})

    def get_all(self, references: Sequence[str], mode: Optional[str] = None, ttl_ms: Optional[float] = None) -> Dict[str, str]:
        """The texts by reference, in one request for all that are not known. Raises the first error."""
        texts = {}
        for reference, result in zip(references, self._resolve_all(references, mode, ttl_ms)):
            if isinstance(result, PromptResolutionError):
                raise result
            texts[reference] = result.text
        return texts

    def prefetch(self, references: Sequence[str], mode: Optional[str] = None) -> None:
        """Gets prompts before they are needed. A prompt that fails is asked for again when it is used."""
        self._resolve_all(references, mode, None)

    def peek(self, reference: str) -> Optional[str]:
        """The known text, however old, without a request."""
        entry = self._entries.get((reference, self._mode, None))
        return entry.answer.text if entry is not None and isinstance(entry.answer, _Found) else None

    def watch(
        self, references: Sequence[str], on_change: Callable[[PromptChange], Any], mode: Optional[str] = None
    ) -> Callable[[], None]:
        """Calls ``on_change`` when a prompt gets another text or version, or is refused. One conditional request every
        TTL covers all prompts of a source that are watched. Returns what stops it. Errors of ``on_change`` are ignored."""
        own = _parse_mode(mode) if mode is not None else self._mode
        questions = [_parse_reference(reference, own) for reference in references]
        watch = (questions, on_change)
        with self._lock:
            self._watches.append(watch)
            is_first = self._stop_polling is None
        if is_first:
            self._poll()
        else:
            self._refresh(questions)

        def stop() -> None:
            with self._lock:
                self._watches = [other for other in self._watches if other is not watch]
                if not self._watches and self._stop_polling is not None:
                    self._stop_polling()
                    self._stop_polling = None

        return stop

    def close(self) -> None:
        """Stops watching and writes the snapshot. The client can still be used."""
        with self._lock:
            self._watches = []
            if self._stop_polling is not None:
                self._stop_polling()
                self._stop_polling = None
        self._flush()

    def metrics(self) -> Dict[str, Any]:
        """Counts since the client was made, and the circuit of each tier."""
        circuits = {tier.name: breaker.state for tier, breaker in self._tiers}
        return {**self._counters, "entries": len(self._entries), "circuits": circuits}

    def wait_idle(self) -> None:
        """Waits until no request is under way."""
        self._pointers.wait_idle()
        with self._lock:
            flights = list(self._flights.values())
        for flight in flights:
            flight.done.wait()

    def session(self, source: Union[str, Sequence[str]], outside: str = "error") -> "PromptSession":
        """Begins a session: what it reads is of one generation, however long it runs.

        :param source: the source whose prompts it reads, or several
        :param outside: ``stable``: a prompt outside of the sets is read as without a session, else it is ``not_in_set``

        Asks for the current set of each source, unless that was asked for within the TTL. Raises PromptResolutionError
        (``invalid_configuration``).
        """
        sources = [source] if isinstance(source, str) else list(source)
        if not sources or not all(_SOURCE_NAME.fullmatch(name) for name in sources):
            raise PromptResolutionError("invalid_configuration", f"A session needs the name of a source, or several, not {source!r}.")
        if outside not in ("error", "stable"):
            raise PromptResolutionError("invalid_configuration", f'outside is "error" or "stable", not "{outside}".')
        # No set has drafts.
        return PromptSession(self, [] if self._mode in ("simulation", "dev") else sources, outside)

    def load_blueprint(self, file: str, mode: Optional[str] = None) -> Dict[str, Any]:
        """Reads an agent's blueprint (YAML with PyYAML, else JSON) and gets its prompt as ``system_prompt``."""
        return _load_blueprint(self, file, self._env, _parse_mode(mode) or self._mode)

    def _add_tier(self, transport: Any) -> None:
        def on_change(state: str) -> None:
            self._emit(f"circuit_{state}", tier=transport.name)

        self._tiers.append((_RegistryTier(transport, self._verifier, self._application), _Breaker(self._clock, on_change)))

    def _clock(self) -> float:
        return self._clock_s() * 1000

    def _emit(self, kind: str, **fields: Any) -> None:
        if self._on_event is None:
            return
        try:
            self._on_event({"type": kind, **fields})
        except Exception:
            pass  # It is the listener's own error, and there is nobody to give it to.

    def _poll(self) -> None:
        with self._lock:
            questions = [question for watched, _ in self._watches for question in watched]
            if not questions:
                self._stop_polling = None
                return
            self._stop_polling = self._start_timer(max(SHORTEST_POLL_MS, self._ttl_ms) / 1000, self._poll)
        self._refresh(questions)

    def _tell(self, entry: _Entry) -> None:
        """Whoever watches the prompt hears of its new answer."""
        question, answer = entry.question, entry.answer
        if isinstance(answer, _Refusal):
            change = PromptChange(question.reference, error=_failure(question.reference, _refused(entry, ()).attempts))
        else:
            change = PromptChange(question.reference, _answered(question, answer, entry.tier, ()))
        for questions, on_change in list(self._watches):
            if any(one.key == question.key for one in questions):
                try:
                    on_change(change)
                except Exception:
                    pass  # It is the callback's own error, and there is nobody to give it to.

    def _restore(self, files: Sequence[Optional[str]]) -> None:
        read: List[Tuple[str, List[Dict[str, Any]], bool, Optional[str]]] = []
        # All proofs first, so that no file brings back an older set than the other has.
        for file in files:
            if file is None:
                continue
            try:
                with open(file, encoding="utf-8", newline="") as opened:
                    answers, is_bundle, proofs = _decode_snapshot(opened.read(), self._identity)
                read.append((file, answers, is_bundle, self._add_proofs(file, proofs)))
            except FileNotFoundError:
                pass
            except (OSError, UnicodeDecodeError) as error:
                self._emit("snapshot_ignored", file=file, message=f"It cannot be read: {type(error).__name__}")
            except ValueError as error:
                self._emit("snapshot_ignored", file=file, message=str(error))
        for file, answers, is_bundle, problem in read:
            try:
                for saved in answers:
                    self._restore_one(file, saved, is_bundle, problem)
            except (KeyError, TypeError, AttributeError, PromptResolutionError):
                self._emit("snapshot_ignored", file=file, message="It is damaged: it has an answer of another shape.")

    def _add_proofs(self, file: str, proofs: Sequence[Any]) -> Optional[str]:
        """The first problem."""
        problem: Optional[str] = None
        for proof in proofs if self._verifier is not None else ():
            try:
                self._verifier.add(proof)
            except _OlderSet:
                pass
            except _ProofError as error:
                problem = problem or str(error)
        if problem is not None:
            self._emit("snapshot_ignored", file=file, message=problem)
        return problem

    def _restore_one(self, file: str, saved: Mapping[str, Any], is_bundle: bool, problem: Optional[str]) -> None:
        now = self._clock()
        mode = saved.get("mode")
        # A bundle of production is also for a client without a mode.
        if is_bundle and mode == (self._mode or "production"):
            mode = self._mode
        entry = _restored_entry(saved, mode, self._now() * 1000 - now, now, self._ttl_ms)
        question = entry.question
        if self._verifier is not None and isinstance(entry.answer, _Found):
            try:
                entry.answer = self._verifier.check(question, entry.answer, _saved_parts(saved.get("parts")))
            except _ProofError as error:
                message = f"{file}: {problem or error}"
                self._withheld[question.key] = Attempt(entry.tier, "unverified", message)
                self._emit("unverified", reference=question.reference, mode=question.mode, message=message)
                return
        known = self._entries.get(question.key)
        if known is None or known.at < entry.at:
            self._entries[question.key] = entry

    def _changed(self) -> None:
        """Writes the snapshot a second later."""
        if self._snapshot_file is not None and self._stop_writing is None:
            self._stop_writing = self._start_timer(DEBOUNCE_MS / 1000, self._flush)

    def _flush(self) -> None:
        file = self._snapshot_file
        with self._writing:
            with self._lock:
                if file is None or self._stop_writing is None:
                    return
                self._stop_writing()
                self._stop_writing = None
                to_wall_clock = self._now() * 1000 - self._clock()
                saved = [_saved_answer(entry, to_wall_clock) for entry in self._entries.values()]
                proofs = [] if self._verifier is None else self._verifier.proofs
            try:
                _write_atomically(file, _encode_snapshot([one for one in saved if one is not None], self._identity, proofs))
            except (OSError, TypeError, ValueError) as error:
                self._emit("snapshot_failed", file=file, message=str(error))

    def _resolve_all(self, references: Sequence[str], mode: Optional[str], ttl_ms: Optional[float]) -> List[Any]:
        own = _parse_mode(mode) if mode is not None else self._mode
        return self._answers([_parse_reference(reference, own) for reference in references], ttl_ms)

    def _answers(self, questions: Sequence[_Question], ttl_ms: Optional[float]) -> List[Any]:
        ttl = self._ttl_ms if ttl_ms is None else ttl_ms
        now = self._clock()
        with self._lock:
            planned = []
            for question in questions:
                entry = self._entries.get(question.key)
                self._calls += 1
                if entry is not None:
                    entry.used = self._calls
                step = _next_step(entry, now, ttl, self._stale_for_ms)
                self._counters["hits" if step == "use" else "misses"] += 1
                planned.append((question, entry, step, self._at_hand(entry, step, now)))
            due = [question for question, _, step, _ in planned if step == "refresh"]
            missing = {question.key: question for question, _, step, _ in planned if step.startswith("ask")}
            flights = {key: self._flights[key] for key in missing if key in self._flights}
            first = [question for key, question in missing.items() if key not in flights]
            launched = self._prepare(first) if first else None
            if launched is not None:
                flights.update({question.key: launched for question in first})
        if due:
            self._refresh(due)
        if launched is not None:
            if all(step != "ask" for _, _, step, _ in planned):
                self._spawn(first, launched)
            else:
                self._fly(first, launched, False)
        return [ready or self._result(*one, flights, now) for *one, ready in planned]

    @staticmethod
    def _at_hand(entry: Optional[_Entry], step: str, now: float) -> Optional[Resolution]:
        """What needs no waiting, as it is before a refresh changes it."""
        if entry is None or isinstance(entry.answer, _Refusal) or step not in ("use", "refresh"):
            return None
        return _remembered(entry, entry.answer, now, "cached" if step == "use" else "stale")

    def _result(self, question: _Question, entry: Optional[_Entry], step: str, flights: Mapping[Any, _Flight], now: float) -> Any:
        try:
            if step == "ask":
                flight = flights[question.key]
                flight.done.wait()
                return self._conclude(question, flight.outcomes.get(question.key, _NOTHING))
            assert entry is not None
            if isinstance(entry.answer, _Refusal):
                return self._conclude(question, _refused(entry, entry.attempts))
            flight = flights[question.key]
            patience = max(0.0, flight.started_at + PATIENCE_MS - now) / 1000
            landed = flight.done.wait(patience)
            return self._conclude(question, flight.outcomes.get(question.key, _NOTHING) if landed else _NOTHING)
        except PromptResolutionError as error:
            return error

    def _refresh(self, questions: Sequence[_Question]) -> None:
        """Asks for these in the background and, by the same request, for all that is older than half a TTL and was used.

        So what is used often soon falls due together, and costs one request a TTL and source.
        """
        now = self._clock()
        with self._lock:
            first = [question for question in questions if self._may_ask(question)]
            if not first:
                return
            others = [
                entry.question
                for entry in self._entries.values()
                if not entry.lasts and now - entry.at >= self._ttl_ms / 2 and entry.used > entry.used_at_answer and not entry.is_refusal
            ]
            every = {question.key: question for question in [*first, *filter(self._may_ask, others)]}
            own, sources = self._follow(list(every.values()))
        self._ask(own)
        for source in sources:
            self._pointers.renew(source)

    def _may_ask(self, question: _Question) -> bool:
        entry = self._entries.get(question.key)
        return (entry is None or entry.retry_at <= self._clock()) and question.key not in self._flights

    def _ask(self, questions: Sequence[_Question]) -> None:
        """Asks for these in the background. One request has one mode and one set."""
        with self._lock:
            groups: Dict[Any, List[_Question]] = {}
            for question in filter(self._may_ask, questions):
                groups.setdefault((question.mode, question.digest), []).append(question)
            launched = [(group, self._prepare(group)) for group in groups.values()]
        for group, flight in launched:
            self._spawn(group, flight)

    def _follow(self, questions: Sequence[_Question]) -> Tuple[List[_Question], List[str]]:
        """The questions that must be asked themselves, and the sources whose pointers tell about the others."""
        own: List[_Question] = []
        by_source: Dict[str, List[_Question]] = {}
        for question in questions:
            source = self._followed_source(question)
            if source is None:
                own.append(question)
            else:
                by_source.setdefault(source, []).append(question)
        sources = []
        for source, group in by_source.items():
            # A pointer does not move when a prompt is archived or gets another name.
            if any(self._clock() - self._entries[one.key].answered_at >= self._stale_for_ms for one in group):
                own.extend(group)
                continue
            self._waiting.setdefault(source, {}).update({one.key: one for one in group})
            sources.append(source)
        return own, sources

    def _followed_source(self, question: _Question) -> Optional[str]:
        """The source whose pointer tells whether the answer changed."""
        entry = self._entries.get(question.key)
        if entry is None or isinstance(entry.answer, _Refusal) or entry.answer.source is None:
            return None
        if question.digest is not None or entry.answer.status == "draft" or question.mode in ("simulation", "dev"):
            return None
        source = entry.answer.source
        return source if self._pointers.covers(source, question.mode is not None) else None

    def _on_news(self, source: str, news: "_PointerNews") -> None:
        """What a request for the pointer of a source brought: confirms what has not changed, and asks for the rest."""
        rechecked: List[_Question] = []
        with self._lock:
            due = self._waiting.pop(source, {})
            followed = [entry for entry in self._entries.values() if self._followed_source(entry.question) == source]
            if news.kind == "failed":
                for entry in followed:
                    self._postpone(entry, news.attempts)
                return
            for entry in followed if news.kind == "stands" else ():
                key = entry.question.key
                if news.turn <= entry.turn and self._may_confirm(entry):
                    self._confirm(entry)
                    due.pop(key, None)
                elif news.has_revocations or entry.used > entry.used_at_answer:
                    due[key] = entry.question
            if news.has_revocations:
                for entry in self._entries.values():
                    if entry.question.source == source:
                        entry.lasts = False
                        rechecked.append(entry.question)
        self._ask([*rechecked, *due.values()])

    def _may_confirm(self, entry: _Entry) -> bool:
        return self._verifier is None or self._verifier.is_proven(entry.question, entry.answer)

    def _postpone(self, entry: _Entry, attempts: Tuple[Attempt, ...]) -> None:
        """The registry was asked and did not answer."""
        entry.retry_at, entry.attempts = self._clock() + RETRY_AFTER_MS, attempts

    def _confirm(self, entry: _Entry) -> None:
        """The registry still has this text."""
        entry.at, entry.retry_at, entry.attempts, entry.used_at_answer = self._clock(), 0, (), entry.used
        entry.restored, entry.lasts = False, _lasts(entry.question, entry.answer)
        self._changed()

    def _prepare(self, questions: Sequence[_Question]) -> _Flight:
        flight = _Flight(self._clock())
        for question in questions:
            self._flights[question.key] = flight
        return flight

    def _spawn(self, questions: Sequence[_Question], flight: _Flight) -> None:
        # A daemon thread, so that it does not keep the process alive.
        threading.Thread(target=self._fly, args=(questions, flight, True), daemon=True).start()

    def _fly(self, questions: Sequence[_Question], flight: _Flight, background: bool) -> None:
        try:
            known = [self._entries.get(question.key) for question in questions]
            may_retry = not background and all(entry is None for entry in known)
            turn = self._pointers.turn
            outcomes = self._search([(q, self._etag_of(e)) for q, e in zip(questions, known)], may_retry)
            changed: List[_Entry] = []
            with self._lock:
                for question, entry, outcome in zip(questions, known, outcomes):
                    flight.outcomes[question.key] = self._remember(question, entry, outcome, turn, changed)
            for one in changed:
                self._tell(one)
        finally:
            with self._lock:
                for question in questions:
                    if self._flights.get(question.key) is flight:
                        del self._flights[question.key]
            flight.done.set()

    def _etag_of(self, entry: Optional[_Entry]) -> Optional[str]:
        """A text that the current sets do not have any more must come anew, so that it is checked."""
        if entry is None or self._verifier is None or isinstance(entry.answer, _Refusal):
            return None if entry is None else entry.etag
        return entry.etag if self._verifier.is_proven(entry.question, entry.answer) else None

    def _search(self, asked: Sequence[Tuple[_Question, Optional[str]]], may_retry: bool) -> List[_Outcome]:
        self._retry_tokens = min(RETRY_BUCKET, self._retry_tokens + 0.1)
        end = self._clock() + self._timeout_ms
        outcomes: Dict[Any, _Outcome] = {}
        attempts: Dict[Any, Tuple[Attempt, ...]] = {question.key: () for question, _ in asked}
        pending = list(asked)
        reserve = min(250.0, self._timeout_ms / 5) if self._local is not None else 0.0
        for index, (tier, breaker) in enumerate(self._tiers):
            if not pending:
                break
            budget = max(0.0, (end - self._clock() - reserve) / (len(self._tiers) - index))
            asking = list(pending)
            answer = self._ask_guarded(tier, breaker, lambda seconds: tier.ask(asking, seconds), budget, may_retry)
            if not isinstance(answer, _TierError):
                for reply in answer:
                    if isinstance(reply, _TierError):
                        self._report(tier, reply)
            failed = []
            for one, reply in zip(pending, [answer for _ in pending] if isinstance(answer, _TierError) else answer):
                key, before = one[0].key, attempts[one[0].key]
                if isinstance(reply, _TierError):
                    attempts[key] = (*before, Attempt(tier.name, reply.code, str(reply)))
                    failed.append(one)
                elif isinstance(reply, _Refusal):
                    last = Attempt(tier.name, reply.code, str(reply))
                    outcomes[key] = _Outcome("refused", (*before, last), tier.name, refusal=reply)
                elif reply == "unchanged":
                    outcomes[key] = _Outcome("unchanged", before, tier.name)
                else:
                    outcomes[key] = _Outcome("found", before, tier.name, reply[0], reply[1])
            pending = failed
        return [outcomes.get(question.key, _Outcome("failed", attempts[question.key])) for question, _ in asked]

    def _search_set(self, source: str, known: Optional["_SetPointer"], background: bool) -> Any:
        """As the tier's ``ask_set``. The attempts if no tier answers."""
        end = self._clock() + self._timeout_ms
        attempts: List[Attempt] = []
        for index, (tier, breaker) in enumerate(self._tiers):
            budget = max(0.0, (end - self._clock()) / (len(self._tiers) - index))
            ask = functools.partial(tier.ask_set, source, known)
            answer = self._ask_guarded(tier, breaker, ask, budget, not background and known is None)
            if not isinstance(answer, _TierError):
                return answer
            attempts.append(Attempt(tier.name, answer.code, str(answer)))
        return tuple(attempts)

    def _ask_guarded(
        self, tier: _RegistryTier, breaker: _Breaker, ask: Callable[[float], Any], budget: float, may_retry: bool
    ) -> Any:
        """What ``ask`` gives within the seconds that it gets, or the _TierError of its last try."""
        entered = breaker.enter()
        if entered is None:
            return _TierError("circuit_open", "It was down less than a second ago, so it was not asked.")
        end = self._clock() + budget
        count = 0
        while True:
            self._counters["requests"] += 1
            self._counters["retries"] += 1 if count > 0 else 0
            try:
                answer = ask(max(0.001, (end - self._clock()) / 1000))
            except _TierError as error:
                failure = error
            except Exception as error:  # a bug, or a token function that fails
                failure = _TierError("internal", f"Unexpected error ({type(error).__name__}): {error}")
            else:
                breaker.leave(entered, False)
                return answer
            self._report(tier, failure)
            delay = self._retry_delay(failure, count, end) if may_retry else None
            if delay is None:
                breaker.leave(entered, failure.code in _OUTAGES, failure.retry_after_ms)
                return failure
            count += 1
            self._sleep(delay / 1000)

    def _retry_delay(self, failure: _TierError, count: int, end: float) -> Optional[float]:
        if failure.code == "timeout" or failure.code not in _OUTAGES or count >= RETRIES:
            return None
        delay = failure.retry_after_ms
        if delay is None:
            delay = 100 * 2**count * (0.5 + self._random() / 2)
        if self._clock() + delay >= end or self._retry_tokens < 1:
            return None
        self._retry_tokens -= 1
        return delay

    def _report(self, tier: _RegistryTier, failure: _TierError) -> None:
        self._counters["failures"] += 1
        self._emit("tier_failed", tier=tier.name, code=failure.code, message=str(failure))

    def _remember(
        self, question: _Question, known: Optional[_Entry], outcome: _Outcome, turn: int, changed: List[_Entry]
    ) -> _Outcome:
        """Keeps an outcome of a request that began at ``turn``, and makes ``unchanged`` the text that it stands for. Adds to ``changed``."""
        now = self._clock()
        if outcome.kind == "failed":
            if known is not None:
                self._postpone(known, outcome.attempts)
            return outcome
        if outcome.kind == "unchanged":
            if known is None or isinstance(known.answer, _Refusal):
                return _NOTHING
            known.answered_at, known.turn = now, turn
            self._confirm(known)
            self._keep(known)
            return _Outcome("found", outcome.attempts, outcome.tier, known.answer, known.etag)
        answer = outcome.found if outcome.found is not None else outcome.refusal
        assert answer is not None
        entry = _Entry(question, answer, outcome.tier, outcome.etag, now, used=self._calls, used_at_answer=self._calls)
        entry.answered_at, entry.turn = now, turn
        entry.lasts = _lasts(question, answer)
        self._keep(entry)
        self._changed()
        if known is not None and _is_other(known.answer, answer):
            changed.append(entry)
            about = {"reference": question.reference, "mode": question.mode}
            if isinstance(answer, _Refusal):
                self._emit("refused", **about, code=answer.code, message=str(answer))
            else:
                self._emit("changed", **about)
        if isinstance(answer, _Found) and answer.archived and question.key not in self._archived:
            self._archived.add(question.key)
            self._emit("archived", reference=question.reference, mode=question.mode)
        if isinstance(answer, _Found) and answer.moved_to is not None and answer.prompt_id not in self._moved:
            self._moved.add(answer.prompt_id)
            self._emit("moved", reference=question.reference, mode=question.mode, moved_to=answer.moved_to)
        return outcome

    def _keep(self, entry: _Entry) -> None:
        self._entries[entry.question.key] = entry
        while len(self._entries) > self._max_entries:
            oldest = min(self._entries.values(), key=lambda one: one.used)
            del self._entries[oldest.question.key]

    def _conclude(self, question: _Question, outcome: _Outcome) -> Resolution:
        if outcome.kind == "found":
            assert outcome.found is not None
            return _answered(question, outcome.found, outcome.tier, outcome.attempts)
        if outcome.kind == "refused":
            assert outcome.refusal is not None
            if _ends_search(outcome.refusal, question) or not self._local_draft:
                raise _failure(question.reference, outcome.attempts)
            return self._elsewhere(question, outcome.attempts)
        entry = self._entries.get(question.key)
        if entry is None:
            withheld = self._withheld.get(question.key)
            return self._elsewhere(question, outcome.attempts if withheld is None else (*outcome.attempts, withheld))
        if isinstance(entry.answer, _Refusal):
            return self._conclude(question, _refused(entry, outcome.attempts))
        self._emit("stale_used", reference=question.reference, mode=question.mode)
        return _remembered(entry, entry.answer, self._clock(), "last_known_good")

    def _elsewhere(self, question: _Question, attempts: Tuple[Attempt, ...]) -> Resolution:
        # A file may be of another generation.
        if self._local is None or question.digest is not None:
            raise _failure(question.reference, attempts)
        try:
            found = self._local.find(question)
        except _TierError as error:
            raise _failure(question.reference, (*attempts, Attempt("local", error.code, str(error)))) from None
        if attempts:
            self._emit("local_used", reference=question.reference, mode=question.mode)
        return _answered(question, found, "local", attempts)


def _is_other(before: Union[_Found, _Refusal], after: Union[_Found, _Refusal]) -> bool:
    if isinstance(before, _Refusal) or isinstance(after, _Refusal):
        return not (isinstance(before, _Refusal) and isinstance(after, _Refusal) and before.code == after.code)
    return (before.text, before.version, before.status) != (after.text, after.version, after.status)


def _refused(entry: _Entry, attempts: Tuple[Attempt, ...]) -> _Outcome:
    assert isinstance(entry.answer, _Refusal)
    last = Attempt(entry.tier, entry.answer.code, str(entry.answer))
    return _Outcome("refused", (*attempts, last), entry.tier, refusal=entry.answer)


def _resolution(question: _Question, found: _Found, tier: str, attempts: Tuple[Attempt, ...], **how: Any) -> Resolution:
    return Resolution(
        reference=question.reference,
        text=found.text,
        prompt_id=found.prompt_id,
        version=found.version,
        release=found.release,
        status=found.status,
        description=found.description,
        tags=found.tags,
        variables=copy.deepcopy(found.variables),
        config=copy.deepcopy(found.config),
        immutable=found.immutable,
        archived=found.archived,
        source=found.source,
        settling=found.settling,
        moved_to=found.moved_to,
        template_language=found.template_language,
        inputs=copy.deepcopy(found.inputs),
        messages=copy.deepcopy(found.messages),
        template=found.template,
        tier=tier,
        attempts=attempts,
        **how,
    )


def _answered(question: _Question, found: _Found, tier: str, attempts: Tuple[Attempt, ...]) -> Resolution:
    reason = "fallback" if attempts else "answered"
    return _resolution(question, found, tier, attempts, age_ms=0.0, stale=False, reason=reason)


def _remembered(entry: _Entry, found: _Found, now: float, reason: str) -> Resolution:
    age = max(0.0, now - entry.at)
    return _resolution(entry.question, found, entry.tier, entry.attempts, age_ms=age, stale=reason != "cached", reason=reason)


_REASONS = (
    *("revoked", "gone", "mode_not_allowed", "not_released", "not_in_set", "no_set"),
    *("unverified", "not_found"),
)
_UNAVAILABLE = ("unreachable", "busy", "unavailable", "circuit_open", "internal", "text_missing")


def _failure(reference: str, attempts: Tuple[Attempt, ...]) -> PromptResolutionError:
    """A definite answer of the registry wins over an outage, and the last outage over the local file."""
    codes = [attempt.code for attempt in attempts]
    registry = [attempt.code for attempt in attempts if attempt.tier != "local"]
    code = next((reason for reason in _REASONS if reason in codes), None)
    if code is None and not attempts:
        code = "invalid_configuration"
    elif code is None and not registry:
        code = "not_found" if codes[-1] == "no_file" else "unavailable"
    elif code is None:
        last = registry[-1]
        code = "unavailable" if last in _UNAVAILABLE else last
        code = code if code in ("unavailable", "unauthorized", "forbidden", "timeout") else "bad_answer"
    lines = [f"  {attempt.tier}: {attempt.message} [{attempt.code}]" for attempt in attempts]
    if not registry:
        lines.append("No registry is configured: set PROMPT_REGISTRY_FUNCTION or PROMPT_REGISTRY_URL.")
    return PromptResolutionError(code, "\n".join([f'No prompt "{reference}" ({code}).', *lines]), attempts)


# --- sessions -----------------------------------------------------------------------------------------------------

_SOURCE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True)
class _SetPointer:
    """What a source serves as a whole."""

    source: str
    digest: str
    # Grows with each move.
    sequence: int
    # The tag that it was made for.
    release: Optional[str]
    etag: Optional[str]
    # Whether versions were revoked after the sequence that the request gave.
    has_revocations: bool
    # Whether the registry answers with drafts unless a request has a mode. No set has drafts.
    has_drafts: bool


@dataclass(frozen=True)
class _PointerNews:
    """What a request for a pointer brought.

    ``stands``: what was asked for at ``turn`` or later has not changed since. ``none``: the source has no set, or the
    registry gives no pointers. ``failed``: no tier answered.
    """

    kind: str
    turn: int = 0
    has_revocations: bool = False
    attempts: Tuple[Attempt, ...] = ()


# TTLs for which a source without a pointer is not asked for one outside of sessions.
_ABSENT_TTLS = 10


@dataclass
class _KnownPointer:
    pointer: Optional[_SetPointer] = None
    # The turn at which it was first known.
    turn: int = 0
    # When the registry is asked again.
    ask_at: float = float("-inf")
    # Until when its absence is taken for granted outside of sessions.
    absent_until: float = float("-inf")
    # Set when the answer is there.
    asking: Optional[threading.Event] = None


class _Pointers:
    """The current sets of sources, as far as they are known. One request at a time for each source."""

    def __init__(
        self, search: Callable[..., Any], clock: Callable[[], float], ttl_ms: float, on_news: Callable[[str, _PointerNews], None]
    ):
        self._search = search
        self._clock = clock
        self._ttl_ms = ttl_ms
        self._on_news = on_news
        # Grows with each move that is noticed, of whichever source.
        self.turn = 0
        self._known: Dict[str, _KnownPointer] = {}
        self._lock = threading.Lock()

    def current(self, source: str) -> Optional[_SetPointer]:
        """Asks unless it is fresh; if a set is known, it waits for at most a second."""
        known, asking, is_mine = self._begin(source)
        if asking is None:
            return known.pointer
        if known.pointer is None:
            if is_mine:
                self._ask(source, known, asking, False)
            asking.wait()
        else:
            if is_mine:
                self._spawn(source, known, asking)
            asking.wait(PATIENCE_MS / 1000)
        return known.pointer

    def latest(self, source: str) -> Optional[_SetPointer]:
        """Asks. With an outage it is the last one that is known."""
        while True:
            known, asking, is_mine = self._begin(source, always=True)
            assert asking is not None
            if is_mine:
                self._ask(source, known, asking, False)
                return known.pointer
            asking.wait()

    def check(self, source: str) -> None:
        """Asks in the background once a TTL."""
        known, asking, is_mine = self._begin(source)
        if asking is not None and is_mine:
            self._spawn(source, known, asking)

    def renew(self, source: str) -> None:
        """Asks in the background."""
        known, asking, is_mine = self._begin(source, always=True)
        if asking is not None and is_mine:
            self._spawn(source, known, asking)

    def covers(self, source: str, has_mode: bool) -> bool:
        """Whether the pointer may tell whether stable versions changed, for requests with or without a mode."""
        with self._lock:
            known = self._known.get(source, _KnownPointer())
            has_drafts = known.pointer is not None and known.pointer.has_drafts
            return self._clock() >= known.absent_until and (has_mode or not has_drafts)

    def wait_idle(self) -> None:
        with self._lock:
            events = [known.asking for known in self._known.values()]
        for asking in events:
            if asking is not None:
                asking.wait()

    def _begin(self, source: str, always: bool = False) -> Tuple[_KnownPointer, Optional[threading.Event], bool]:
        """What is known, the request that is under way or due, and whether the caller is to send it."""
        with self._lock:
            known = self._known.setdefault(source, _KnownPointer())
            if known.asking is not None or not (always or self._clock() >= known.ask_at):
                return known, known.asking, False
            known.asking = threading.Event()
            return known, known.asking, True

    def _spawn(self, source: str, known: _KnownPointer, asking: threading.Event) -> None:
        # A daemon thread, so that it does not keep the process alive.
        threading.Thread(target=self._ask, args=(source, known, asking, True), daemon=True).start()

    def _ask(self, source: str, known: _KnownPointer, asking: threading.Event, background: bool) -> None:
        answer: Any = ()
        try:
            answer = self._search(source, known.pointer, background)
        finally:
            with self._lock:
                known.asking = None
                news = self._keep_answer(known, answer)
            self._on_news(source, news)
            asking.set()

    def _keep_answer(self, known: _KnownPointer, answer: Any) -> _PointerNews:
        has_failed = isinstance(answer, tuple)
        known.ask_at = self._clock() + (RETRY_AFTER_MS if has_failed else max(SHORTEST_POLL_MS, self._ttl_ms))
        if has_failed and any(one.code == "timeout" or one.code in _UNAVAILABLE for one in answer):
            return _PointerNews("failed", attempts=answer)
        if has_failed or answer == "none":
            # A source that is refused may still have its set.
            known.pointer = known.pointer if has_failed else None
            known.absent_until = self._clock() + _ABSENT_TTLS * self._ttl_ms
            return _PointerNews("none")
        known.absent_until = float("-inf")
        if not isinstance(answer, _SetPointer):
            return _PointerNews("stands", known.turn)
        if known.pointer is None or known.pointer.sequence != answer.sequence:
            self.turn += 1
            known.turn = self.turn
        known.pointer = answer
        return _PointerNews("stands", known.turn, answer.has_revocations)


class PromptSession:
    """Reads prompts of one generation: what their sources served as a whole when the session began.

    Revocations still reach it. References with a pin are read as without a session. ``PromptRegistryClient.session``
    begins one.
    """

    def __init__(self, client: PromptRegistryClient, sources: Sequence[str], outside: str):
        self._client = client
        self._sources = sources
        self._outside = outside
        self._pointers = [client._pointers.current(source) for source in sources]

    @property
    def set(self) -> Optional[str]:
        """The digest of the set; with several sources, their digests with commas. None without a set: before the first
        release, for a registry without sets, or if none answers. Then the session reads as its client does."""
        return ",".join(pointer.digest for pointer in self._pointers if pointer is not None) or None

    @property
    def release(self) -> Optional[str]:
        """The tag that the set was released with, as in ``set``."""
        return ",".join(pointer.release for pointer in self._pointers if pointer is not None and pointer.release) or None

    def get(self, reference: str) -> str:
        """The text of a prompt. Raises PromptResolutionError."""
        return self.resolve(reference).text

    def resolve(self, reference: str) -> Resolution:
        """The text, its version, and where it came from. Raises PromptResolutionError."""
        question = _parse_reference(reference, self._client._mode)
        pointers = [pointer for pointer in self._pointers if pointer is not None]
        if question.pin is not None:
            return self._client.resolve(reference)
        try:
            return self._find(question, pointers)
        finally:
            # Only now: a tier that was down is asked by one call, which must not be this one.
            for pointer in pointers:
                self._client._pointers.check(pointer.source)

    def refresh(self) -> bool:
        """Moves to the current sets. Whether it moved. Without an answer it stays where it is."""
        before = self.set
        self._pointers = [self._client._pointers.latest(source) for source in self._sources]
        return self.set != before

    def _find(self, question: _Question, pointers: Sequence[_SetPointer]) -> Resolution:
        outside = None
        for pointer in pointers:
            result = self._client._answers([replace(question, digest=pointer.digest, source=pointer.source)], None)[0]
            if isinstance(result, Resolution):
                return result
            if result.code != "not_in_set":
                raise result
            outside = result
        # A source without a set serves its stable versions.
        if outside is not None and self._outside == "error" and len(pointers) == len(self._pointers):
            raise outside
        return self._client.resolve(question.reference)


# --- blueprints ---------------------------------------------------------------------------------------------------

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^{}$]*))?\}")


def _expand(value: Any, env: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return _VARIABLE.sub(lambda m: env.get(m[1]) or (m[2] if m[2] is not None else m[0]), value)
    if isinstance(value, list):
        return [_expand(inner, env) for inner in value]
    if isinstance(value, dict):
        return {key: _expand(inner, env) for key, inner in value.items()}
    return value


def _load_blueprint(client: PromptRegistryClient, file: str, env: Mapping[str, str], mode: Optional[str]) -> Dict[str, Any]:
    values = _expand(_read_mapping(file), env)
    _check_modes(file, values.get("execution_modes"), mode or "production")
    given = [key for key in ("prompt_ref", "prompt", "system_prompt") if values.get(key) is not None]
    if len(given) != 1:
        why = f'has either "{given[0]}" or "{given[1]}"' if given else 'needs "prompt_ref" with a reference'
        raise BlueprintError(f"{file}: A blueprint {why}.")
    prompt = values[given[0]]
    if isinstance(prompt, dict) and given[0] == "prompt":
        pin = prompt.get("version") or prompt.get("release")
        reference = f"{prompt.get('id')}@{pin}" if pin else str(prompt.get("id"))
    elif not isinstance(prompt, str):
        raise BlueprintError(f'{file}: "{given[0]}" must be a text.')
    elif given[0] != "prompt_ref":
        return {**values, "system_prompt": prompt, "prompt": None}
    else:
        reference = prompt
    unset = _VARIABLE.search(reference)
    if unset is not None:
        raise BlueprintError(f'{file}: "{given[0]}": The variable {unset[1]} is not set; set it, or write a default.')
    found = client.resolve(reference, mode)
    described = {"id": found.prompt_id, "version": found.version, "release": found.release, "status": found.status}
    return {**values, "prompt_ref": reference, "system_prompt": found.text, "prompt": described}


def _check_modes(file: str, modes: Any, mode: str) -> None:
    if modes is None:
        return
    names = [_parse_mode(name) for name in (modes if isinstance(modes, list) else [modes])]
    if mode not in names:
        raise BlueprintError(f"{file}: The blueprint does not run in mode {mode}; its execution_modes are {', '.join(map(str, names))}.")


def _read_mapping(file: str) -> Dict[str, Any]:
    try:
        with open(file, encoding="utf-8") as opened:
            text = opened.read()
    except (OSError, UnicodeDecodeError) as error:
        raise BlueprintError(f"{file}: It cannot be read ({type(error).__name__}).") from None
    try:
        import yaml
    except ImportError:
        yaml = None
    try:
        values = json.loads(text) if yaml is None else yaml.safe_load(text)
    except Exception as error:
        hint = "" if yaml is not None else " Without PyYAML a blueprint must be JSON; install PyYAML for YAML."
        raise BlueprintError(f"{file}: It cannot be parsed: {error}.{hint}") from None
    if not isinstance(values, dict):
        raise BlueprintError(f"{file}: A blueprint is a mapping of keys to values.")
    return values
