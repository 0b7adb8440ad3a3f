"""A host for modules: wasmtime's public API and nothing of ours, so that what these tests see is what any host sees."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from wasmtime import Config, Engine, Func, FuncType, Instance, Limits, Memory, MemoryType, Module, Store, ValType

from hexgate.core import Policy
from hexgate.core.program import Program, compile_policy
from hexgate.core.wasm.assemble import assemble

CONFIG = Config()
# The test runner listens to the signals of a crash, which is what a trap would be otherwise.
CONFIG.signals_based_traps = False
ENGINE = Engine(CONFIG)


class AbortedError(Exception):
    """What a module told its host before it gave up."""


class Host:
    """One module with a memory of so many pages at first, as OPA's SDKs bring it."""

    def __init__(self, module: bytes, pages: int = 2, most: int | None = None, engine: Engine = ENGINE) -> None:
        self.content = module
        self.store = Store(engine)
        if engine is not ENGINE:
            self.store.set_fuel(2**62)
        self.memory = Memory(self.store, MemoryType(Limits(pages, most)))
        self.said: list[str] = []
        abort = Func(self.store, FuncType([ValType.i32()], []), lambda address: self.said.append(self.text(address)))
        self.module = Module(engine, module)
        self.exports = Instance(self.store, self.module, [self.memory, abort]).exports(self.store)
        self.heap = self.call("opa_heap_ptr_get")

    def call(self, name: str, *arguments: int) -> Any:
        """What an export answers."""
        function: Any = self.exports[name]
        try:
            return function(self.store, *arguments)
        except Exception as error:
            raise AbortedError(self.said[-1] if self.said else str(error)) from error

    def text(self, address: int) -> str:
        """The text at an address, which ends with a NUL."""
        content = self.memory.read(self.store, address & 0xFFFFFFFF, self.memory.data_len(self.store))
        return bytes(content[: content.index(0)]).decode()

    def put(self, content: bytes) -> int:
        """The address of these bytes in the module's memory."""
        address: int = self.call("opa_malloc", len(content)) & 0xFFFFFFFF
        self.memory.write(self.store, content, address)
        return address

    def raw(self, content: bytes, entrypoint: int = 0) -> str:
        """What the module answers to an input, as it stands."""
        self.call("opa_heap_ptr_set", self.heap)
        address = self.put(content)
        return self.text(self.call("opa_eval", 0, entrypoint, 0, address, len(content), address + len(content), 0))

    def ask(self, question: Any) -> Any:
        """The decision about an input."""
        return json.loads(self.raw(json.dumps(question).encode()))[0]["result"]

    def parsed(self, content: bytes) -> str | None:
        """A text of JSON as the module writes it again, None where it does not take it."""
        self.call("opa_heap_ptr_set", self.heap)
        found = self.call("opa_json_parse", self.put(content), len(content))
        return self.text(self.call("opa_json_dump", found)) if found else None


def program_of(policy: dict[str, Any]) -> Program:
    """The program of a document."""
    return compile_policy(Policy.model_validate(policy))


@pytest.fixture(scope="session")
def load() -> Callable[..., Host]:
    """The host of a module."""
    return Host


@pytest.fixture(scope="session")
def compiled() -> Callable[[dict[str, Any]], Program]:
    """The program of a document."""
    return program_of


@pytest.fixture(scope="session")
def one_rule() -> Callable[..., Host]:
    """The host of a policy in which tool `t` is allowed under some constraints."""
    return lambda *constraints: Host(
        assemble(program_of({"tools": {"t": {"mode": "allow", "constraints": [*constraints]}}}))
    )


@pytest.fixture(scope="session")
def anything(one_rule: Callable[..., Host]) -> Host:
    """A module that is asked for what all modules do alike."""
    return one_rule("args.a == 1")


@pytest.fixture(scope="session")
def aborted() -> type[Exception]:
    """What a host raises when the module gave up."""
    return AbortedError


@pytest.fixture(scope="session")
def meter(one_rule: Callable[..., Host]) -> Callable[..., int]:
    """How many instructions an export takes that is given a text; counted, so that a slow machine changes nothing."""

    def count(name: str, content: bytes, *constraints: str) -> int:
        config = Config()
        config.consume_fuel = True
        config.signals_based_traps = False
        host = Host(one_rule(*(constraints or ("args.a == 1",))).content, engine=Engine(config))
        address = host.put(content)
        host.store.set_fuel(2**62)
        if name == "opa_eval":
            host.call(name, 0, 0, 0, address, len(content), address + len(content), 0)
        else:
            host.call(name, address, len(content))
        return 2**62 - host.store.get_fuel()

    return count
