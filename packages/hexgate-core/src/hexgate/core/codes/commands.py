"""The codes of command lines that cannot be run as they were written."""

from __future__ import annotations

from hexgate.core.codes.entry import ErrorCode, entry

__all__ = ["COMMANDS"]

COMMANDS: tuple[ErrorCode, ...] = (
    entry(
        "command",
        "HX620",
        "a command line that cannot be read",
        "hexgate policy validate policy.yaml --colour",
        means="An option, an argument or a command is not known, or one that is needed is missing.",
        remedy="Ask the command itself: `--help` says what it takes.",
    ),
    entry(
        "command",
        "HX621",
        "not JSON",
        "hexgate policy test policy.yaml --role support --tool refund_order --args '{amount: 400}'",
        means="What was given as JSON is none, or no object where one is needed.",
        remedy='Quote keys and texts with `"`, and the whole for your shell. Or put it into a file: `--args @call.json`.',
    ),
    entry(
        "command",
        "HX622",
        "a file that cannot be read",
        "hexgate policy test policy.yaml --role support --tool refund_order --args @call.json",
        means="A file that an option names is not there, or may not be read.",
        remedy="Check the path and the permissions.",
    ),
    entry(
        "command",
        "HX623",
        "options that do not go together",
        "hexgate policy test policy.yaml --role support",
        means="Options contradict one another, or lack one that belongs to them.",
        remedy="Do what the message says.",
    ),
    entry(
        "command",
        "HX624",
        "standard input twice",
        "hexgate policy test - --role support --tool refund_order --args -",
        means="Two parts of the command read standard input, which can be read once only.",
        remedy="Give one of them as a file.",
    ),
    entry(
        "command",
        "HX625",
        "a file that cannot be written",
        "hexgate policy test cases.yaml --junit reports/cases.xml",
        means="The folder is not there, or the file may not be written.",
        remedy="Make the folder first, and check the permissions.",
    ),
    entry(
        "command",
        "HX626",
        "no case left to run",
        "hexgate policy test cases.yaml -k invoices",
        means="No case has the text of `-k` in the name of its file, its suite or itself, so nothing would be shown.",
        remedy="Shorten the text. Upper and lower case are alike.",
    ),
    entry(
        "command",
        "HX627",
        "suites where a policy is meant, or the other way round",
        "hexgate policy test policy.yaml",
        means="Without `--tool` the command runs files of suites; with it, it asks one policy.",
        remedy="Add `--tool`, or name a file or a folder with suites.",
    ),
)
