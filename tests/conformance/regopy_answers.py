"""Policies as Rego and questions on standard input, what regopy answers on standard output, a line a question.

A process of its own, for regopy ends the process when it meets what it does not know.
"""

import json
import sys

from regopy import Interpreter

__all__ = ["main"]


def main() -> None:
    """Answers everything."""
    for job in json.load(sys.stdin):
        interpreter = Interpreter()
        interpreter.add_module("policy", job["rego"])
        for question in job["questions"]:
            interpreter.set_input(question)
            sys.stdout.write(json.dumps(str(interpreter.query("data.hexgate.policy.decision"))) + "\n")


if __name__ == "__main__":
    main()
