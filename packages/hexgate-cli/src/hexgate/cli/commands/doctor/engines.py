"""The engines of this installation in, out of what they are made, and whether they answer alike."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any, Literal

from hexgate.cli.commands.doctor.report import Finding, Section, mistakes_of
from hexgate.core import Hexgate, User, __version__
from hexgate.core.errors import HexgateError, Mistake
from hexgate.core.sources.parts import part

__all__ = ["ZIG", "engines"]

# What the runtime that is committed was built with; a test looks whether the lock of its builder says the same.
ZIG = "0.17.0"
POLICY = {
    "consts": {"limit": 500},
    "roles": {
        "support": {
            "tools": {
                "refund": {
                    "mode": "allow",
                    "constraints": ["args.amount <= consts.limit", 'matches(args.order, "^ord-[0-9]{1,9}$")'],
                },
                "wire": {"mode": "approval_required", "approvers": {"role": "finance"}},
                "mcp-*": {"mode": "deny"},
            }
        }
    },
}
QUESTIONS: tuple[tuple[str, dict[str, object]], ...] = (
    ("refund", {"amount": 499.99, "order": "ord-7"}),
    ("refund", {"amount": 500.01, "order": "ord-7é"}),
    ("refund", {}),
    ("wire", {"amount": 1}),
    ("mcp-files", {"path": "a"}),
    ("search", {"text": "€"}),
)
REINSTALL = 'install hexgate-core and wasmtime anew; until then only the native engine decides, so bundles need `engine="native"`'


def engines() -> Section:
    """The engines, with a few questions asked of both."""
    facts = {"native": f"hexgate {__version__}"}
    data: dict[str, Any] = {"native": __version__}
    findings: list[Finding] = []
    try:
        data |= webassembly()
        facts["wasmtime"] = f"{data['wasmtime']}, called the {data['call']} way"
        facts["runtime"] = f"{data['runtime']}, built with zig {ZIG}"
        findings += [slow()] if data["call"] == "public" else []
        data["alike"] = answers("native") == answers("wasm")
        facts["answers"] = f"{'alike' if data['alike'] else 'different'} for {len(QUESTIONS)} questions"
        findings += [] if data["alike"] else [broken("the native engine and the module answer differently")]
    except HexgateError as error:
        findings += mistakes_of(error)
    except (ImportError, OSError) as error:
        findings.append(broken(f"WebAssembly cannot be used here: {error}"))
    return Section("engines", tuple(facts.items()), data, tuple(findings))


def webassembly() -> dict[str, str]:
    """What runs modules, how it is called, and what modules are made of."""
    call = "public" if part("call") is part("plain_call") else "fast"
    return {"wasmtime": version("wasmtime"), "call": call, "runtime": part("runtime")().digest, "zig": ZIG}


def answers(engine: Literal["native", "wasm"]) -> list[object]:
    """What an engine says to the questions, but for its name."""
    gate, user = Hexgate.from_policy(POLICY, agent="doctor", engine=engine), User("doctor", "support")
    return [{**gate.decide(tool, arguments, user=user).as_dict(), "engine": None} for tool, arguments in QUESTIONS]


def slow() -> Finding:
    """Modules are called the public way."""
    message = "wasmtime is called the public way, which takes some 80 µs for each decision by a module"
    return Finding(
        "warning", Mistake("HX726", message, "install the wasmtime of the lock of this release, or report it")
    )


def broken(message: str) -> Finding:
    """Modules cannot be run, or not rightly."""
    return Finding("error", Mistake("HX726", message, REINSTALL))
