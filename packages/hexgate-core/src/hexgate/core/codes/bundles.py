"""The codes of bundles, and of how far one can be trusted: keys, signatures, for whom it is and what it is made of."""

from __future__ import annotations

from hexgate.core.codes.entry import ErrorCode, entry

__all__ = ["BUNDLES", "TRUST"]

BUNDLES: tuple[ErrorCode, ...] = (
    entry(
        "command",
        "HX700",
        "a bundle that cannot be written",
        "hexgate policy build policy.yaml --out .",
        means="A bundle has a directory of its own, all of which is replaced. This one holds something else, or cannot be written.",
        remedy="Name a directory that is not there yet, or one that holds a bundle. What was there is as it was.",
    ),
    entry(
        "command",
        "HX701",
        "no bundle at all",
        "hexgate policy verify nowhere.bundle",
        means="No directory with a bundle is there, or it cannot be read.",
        remedy="Check the path and the permissions.",
    ),
    entry(
        "command",
        "HX702",
        "a part that is missing",
        """
        hexgate policy build policy.yaml > built.txt && rm policy.bundle/policy.wasm &&
        hexgate policy verify policy.bundle
        """,
        means="A part that the manifest names is not in the directory. A bundle is whole, or it is none.",
        remedy="Copy the whole directory, or build it again.",
    ),
    entry(
        "command",
        "HX703",
        "something that is no part of the bundle",
        """
        hexgate policy build policy.yaml > built.txt && cp cases.yaml policy.bundle &&
        hexgate policy verify policy.bundle
        """,
        means="The directory holds another file, parts of two bundles, or a symbolic link where a file should be.",
        remedy="Keep each bundle in a directory of its own, with nothing else in it. Hidden files do not count.",
    ),
    entry(
        "command",
        "HX704",
        "a part that was changed",
        """
        hexgate policy build policy.yaml > built.txt && echo >> policy.bundle/policy.yaml &&
        hexgate policy verify policy.bundle
        """,
        means="The bytes of a part, or its name, are not those that the manifest names.",
        remedy="Change the policy where it is written, and build the bundle again.",
    ),
    entry(
        "command",
        "HX705",
        "a manifest that is none",
        """
        hexgate policy build policy.yaml > built.txt &&
        sed -i 's/"version": 1/"version": 2/' policy.bundle/policy.bundle.json &&
        hexgate policy verify policy.bundle
        """,
        means="A manifest has one version, a fixed list of keys, and one spelling to the last space. This one is another.",
        remedy="Build the bundle again. To bind it to an agent, a project or a revision, give these to the build.",
    ),
    entry(
        "command",
        "HX706",
        "a signature that is refused",
        """
        hexgate policy build policy.yaml > built.txt &&
        head -c 64 /dev/zero > policy.bundle/policy.bundle.json.sig &&
        hexgate policy verify policy.bundle
        """,
        means="A signature was taken away, added or exchanged, or it was made with a key that is not trusted.",
        remedy="Take the bundle from where it was built. While keys are exchanged, trust the old one and the new one.",
    ),
)
TRUST: tuple[ErrorCode, ...] = (
    entry(
        "command",
        "HX710",
        "a key that is none",
        "echo not-a-key > hexgate.public && hexgate policy verify policy.bundle --key hexgate.public",
        means="A key is 32 bytes as base64url without padding, which are 43 characters, and a public key is a point of its curve.",
        remedy="Copy the whole file, or make a new pair. A private key does not stand for a public one, nor the other way round.",
    ),
    entry(
        "command",
        "HX711",
        "a key file that cannot be used",
        "hexgate policy build policy.yaml --sign-key nowhere.private",
        means="The file cannot be read or written, or is a private key that others may read.",
        remedy="Check the path. A private key is for its owner alone: `chmod 600`.",
    ),
    entry(
        "command",
        "HX712",
        "a key that would be overwritten",
        "hexgate policy keygen > built.txt && hexgate policy keygen",
        means="A key with that name is there already.",
        remedy="Name another with `--out`. A new key beside the old one is what changing keys begins with.",
    ),
    entry(
        "command",
        "HX713",
        "no signature that was verified",
        """
        hexgate policy build policy.yaml > built.txt &&
        hexgate policy verify policy.bundle --require-signature
        """,
        means="The bundle is unsigned, or no key is trusted. It is a warning, and a refusal where a signature is required.",
        remedy="Sign it when it is built, and trust the public key where it is read.",
    ),
    entry(
        "command",
        "HX714",
        "a bundle for somebody else, or from earlier",
        """
        hexgate policy build policy.yaml --agent support-bot --revision 7 > built.txt &&
        hexgate policy verify policy.bundle --agent support-bot --revision 8
        """,
        means="The bundle is bound to another agent or project, or its revision is lower than the one that is held.",
        remedy="Take the bundle that is meant. To go back to an old policy, build it with a new revision.",
    ),
    entry(
        "command",
        "HX715",
        "a part that is not made of the policy",
        """
        hexgate policy build policy.yaml > built.txt && cd policy.bundle && echo >> policy.rego &&
        sed -Ei "/rego_hash/s/[0-9a-f]{64}/$(sha256sum < policy.rego | head -c 64)/" policy.bundle.json &&
        hexgate policy verify .
        """,
        means="The Rego or the module is not what Hexgate makes of the YAML, whatever the manifest says of its hash.",
        remedy="Build the bundle again. What another version of Hexgate made needs a signature by a trusted key.",
    ),
)
