"""A project with its owner, and what programs send to it."""

import base64
from dataclasses import dataclass
from typing import Any

from fastapi.testclient import TestClient

from hexgate.core.bundle import Bundle, PublicKey, read_bundle
from hexgate.core.bundle.files import Parts
from tests.platform.people import Person

__all__ = ["Project", "manifest", "told"]

POLICY = "tools:\n  lookup_order: {mode: allow}\n"


def told(answer: Any) -> tuple[int, str]:
    """The status and the code of a problem."""
    return answer.status_code, answer.json()["code"]


def manifest(*tools: str, name: str = "shop", **more: Any) -> dict[str, Any]:
    """What an agent with these tools says of itself."""
    return {
        "name": name,
        "framework": "none",
        "tools": [{"name": tool, "input_schema": {"type": "object"}} for tool in tools],
        **more,
    }


@dataclass
class Project:
    """The project `returns` of olga."""

    api: TestClient
    owner: Person
    token: str
    path: str = "/v1/projects/returns"

    @classmethod
    def of(cls, api: TestClient, owner: Person) -> "Project":
        organization = owner.post("/v1/organizations", {"name": "Shop"}).json()["id"]
        assert owner.post(f"/v1/organizations/{organization}/projects", {"id": "returns"}).status_code == 201
        made = owner.post("/v1/projects/returns/tokens", {"name": "worker"})
        return cls(api, owner, made.json()["token"])

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """A request of a program."""
        headers = {"Authorization": f"Bearer {self.token}", **headers}
        return self.api.request(method, path, json=body, headers=headers)

    def register(self, *tools: str, **more: Any) -> Any:
        return self.ask("POST", "/v1/agents", {"manifest": manifest(*tools, **more)})

    def serve(self, name: str = "shop", etag: str | None = None) -> Any:
        return self.ask("GET", f"/v1/agents/{name}", **({} if etag is None else {"If-None-Match": etag}))

    def save(self, policy: str, name: str = "shop", **headers: str) -> Any:
        return self.owner.ask("PUT", f"{self.path}/agents/{name}", {"policy": policy}, headers=headers)

    def keys(self) -> list[PublicKey]:
        return [PublicKey.from_text(key["x"]) for key in self.api.get("/v1/.well-known/keys").json()["keys"]]

    def bundle(self, served: dict[str, Any]) -> Bundle:
        """What was served, read as a program reads it that trusts the platform's keys alone."""
        files = {name: base64.b64decode(data) for name, data in served["files"].items()}
        parts = Parts("policy", {name.removeprefix("policy"): data for name, data in files.items()}, (0, 0))
        return read_bundle(
            parts, trusted=self.keys(), require_signature=True, agent=served["agent"], project=served["project"]
        )
