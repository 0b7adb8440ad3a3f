"""What several of these tests use: a bundle of a small policy, signed, and ways to change it."""

from __future__ import annotations

from pathlib import Path

import pytest

from hexgate.core.bundle import Labels, PolicyText, SigningKey
from hexgate.core.bundle.build import Built, build_bundle

TEXT = b"""\
roles:
  support:
    tools:
      view: {mode: allow}
      refund: {mode: allow, constraints: [args.amount <= 100]}
"""


@pytest.fixture(scope="session")
def text() -> PolicyText:
    """The policy of most of these bundles."""
    return PolicyText.from_bytes(TEXT, "policy")


@pytest.fixture(scope="session")
def key() -> SigningKey:
    """The key that signs them."""
    return SigningKey(b"\1" * 32)


@pytest.fixture(scope="session")
def built(text: PolicyText, key: SigningKey) -> Built:
    """A bundle that is bound and signed."""
    return build_bundle(text, labels=Labels("support-bot", "shop", 7), key=key)


@pytest.fixture
def bundle(built: Built, tmp_path: Path) -> Path:
    """The directory of it."""
    return built.write(tmp_path / "bundle")
