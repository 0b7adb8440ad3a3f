"""The words of the language, and what people write for them who come from another one."""

from __future__ import annotations

__all__ = [
    "FORMS",
    "INFIX",
    "LIBRARIES",
    "OTHER_CHARACTERS",
    "OTHER_FACTS",
    "OTHER_FUNCTIONS",
    "OTHER_ROOTS",
    "OTHER_SIGNS",
    "OTHER_WORDS",
    "PATTERN_SIGNS",
    "ROOTS",
]

FORMS = {
    "startswith": "startswith(text, beginning)",
    "endswith": "endswith(text, ending)",
    "contains": "contains(text, part)",
    "matches": 'matches(text, "pattern")',
    "within": 'within(path, "directory", …)',
    "url_host_in": 'url_host_in(url, ["host", …])',
    "exists": "exists(path)",
    "every": "every(path, constraint)",
    "any": "any(path, constraint)",
    "count": "count(path)",
    "lower": "lower(text)",
}
INFIX = ("startswith", "endswith", "contains", "matches", "within")
ROOTS = ("args", "ctx", "user", "session", "consts", "role", "tool")

# What people write who come from another language. Keys are in lower case.
OTHER_FUNCTIONS = {
    **dict.fromkeys(("len", "length", "size"), "count"),
    **dict.fromkeys(("all", "forall"), "every"),
    "some": "any",
    **dict.fromkeys(("tolower", "lowercase", "casefold", "lcase"), "lower"),
    **dict.fromkeys(("regex", "re_match", "regex_match", "search", "match", "fullmatch", "like"), "matches"),
    **dict.fromkeys(("has", "defined", "is_defined", "present"), "exists"),
    **dict.fromkeys(("hasprefix", "prefix"), "startswith"),
    **dict.fromkeys(("hassuffix", "suffix"), "endswith"),
    **dict.fromkeys(("includes", "substring"), "contains"),
}
OTHER_WORDS = {
    **dict.fromkeys(("none", "nil", "undefined", "null"), "null"),
    "true": "true",
    "false": "false",
    **{word: word for word in ("and", "or", "not")},
}
OTHER_ROOTS = {
    **dict.fromkeys(("arguments", "params", "input", "parameters", "kwargs"), "args"),
    **dict.fromkeys(("context", "env", "attributes"), "ctx"),
    **dict.fromkeys(("caller", "principal"), "user"),
    **dict.fromkeys(("constants", "const"), "consts"),
}
OTHER_SIGNS = {
    **dict.fromkeys(("=", "===", "≡"), "=="),
    **dict.fromkeys(("<>", "!==", "≠", "~="), "!="),
    **dict.fromkeys(("=<", "≤"), "<="),
    **dict.fromkeys(("=>", "≥"), ">="),
    **dict.fromkeys(("&&", "&", "∧"), "and"),
    **dict.fromkeys(("||", "|", "∨"), "or"),
    **dict.fromkeys(("!", "¬", "~"), "not"),
    **dict.fromkeys("“”„‟«»", '"'),
    **dict.fromkeys("‘’‚‛`´", "'"),
}
# What stands before the dot of a function that belongs to a library.
LIBRARIES = frozenset(("re", "re2", "regex", "regexp", "str", "string", "strings", "builtins", "fnmatch"))
# A name that joins a root and its only field.
OTHER_FACTS = {
    **dict.fromkeys(("user_id", "userid", "caller_id"), "user.id"),
    **dict.fromkeys(("session_id", "sessionid"), "session.id"),
}
PATTERN_SIGNS = {"~": "matches", "=~": "matches", "!~": "not matches"}
OTHER_CHARACTERS = {
    **dict.fromkeys("+-*/%^", "constraints do not compute: compare with a value that is worked out already"),
    **dict.fromkeys("{}", "objects cannot be written; compare their fields"),
    ";": "write one constraint for each line of the list",
    "?": "there is no choice in a constraint; use `and` and `or`",
    "#": "put the comment outside of the constraint",
}
