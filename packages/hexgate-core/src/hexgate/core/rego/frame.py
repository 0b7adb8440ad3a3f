"""The part of the Rego that is the same for every policy: how the rules of a caller's roles become one answer.

# INVARIANT: whatever the input is, and where there is none, `decision` is defined, and what cannot be decided about is denied.
"""

from __future__ import annotations

__all__ = ["FRAME"]

FRAME = r"""# What cannot be decided about is denied.
default decision := {
	"allow": false,
	"approvers": null,
	"deciding_role": null,
	"explicit_deny": false,
	"fault": "malformed_input",
	"monitor": false,
	"requires_approval": false,
	"violations": ["the input is no question that a policy can answer"],
}

decision := verdict if is_question

# An explicit denial of any role wins, then what any role allows, then what any role asks approval for.
verdict := {
	"allow": true,
	"approvers": null,
	"deciding_role": answer.role,
	"explicit_deny": false,
	"monitor": false,
	"requires_approval": false,
	"violations": [],
} if {
	not is_explicitly_denied
	answer := first_with("allow")
} else := {
	"allow": false,
	"approvers": answer.rule.approvers,
	"deciding_role": answer.role,
	"explicit_deny": false,
	"monitor": answer.rule.monitor,
	"requires_approval": true,
	"violations": [],
} if {
	not is_explicitly_denied
	answer := first_with("approval_required")
} else := {
	"allow": false,
	"approvers": null,
	"deciding_role": deciding.role,
	"explicit_deny": deciding.rule.explicit_deny,
	"monitor": together(array.concat(monitors_of_unknown_roles, [answer.rule.monitor | some answer in denials])),
	"requires_approval": false,
	"violations": distinct([text | some answer in denials; some text in answer.failed]),
} if {
	denials != []
} else := {
	"allow": false,
	"approvers": null,
	"deciding_role": null,
	"explicit_deny": false,
	"monitor": document_monitor,
	"requires_approval": false,
	"violations": [],
}

# What each of the caller's roles says, in the caller's order.
answers := [{"role": role, "rule": found, "failed": failed} |
	some role in caller_roles
	role != null
	found := rule_for(role)
	failed := [check.text | some check in found.checks; not holds(check.id)]
]

# The first role whose rule has this mode and all of whose checks hold.
first_with(mode) := [answer | some answer in answers; answer.rule.mode == mode; answer.failed == []][0]

is_explicitly_denied if {
	some answer in answers
	answer.rule.explicit_deny
}

denials := [answer | some answer in answers; is_denial(answer)]

is_denial(answer) if answer.rule.mode == "deny"

is_denial(answer) if answer.failed != []

deciding := explicit[0] if {
	explicit := [answer | some answer in denials; answer.rule.explicit_deny]
	explicit != []
} else := denials[0]

# Denials are monitored when all of them are, and until the earliest of their days.
together(monitors) := false if {
	false in monitors
} else := min(days) if {
	days := [day | some day in monitors; is_string(day)]
	days != []
} else := true

# A role that the policy does not know is denied everything, by the document.
monitors_of_unknown_roles := [document_monitor | some role in caller_roles; role == null]

# The exact name, else the longest prefix, else what is said of the rest.
rule_for(role) := found if {
	found := rule(role, "tool", input.tool)
} else := found if {
	longest := [prefix | some prefix in prefixes[role]; startswith(input.tool, prefix)][0]
	found := rule(role, "prefix", longest)
} else := rule(role, "rest", "")

# The roles that count: the first 32 names, unknown ones as `default`, null for those where the policy has no `default`.
caller_roles := distinct([known_role(name) | some name in names])

names := ["default"] if {
	caller_names == []
} else := array.slice(distinct(caller_names), 0, 32)

known_role(name) := name if {
	name in roles
} else := "default" if {
	"default" in roles
} else := null

# One role as a text, or several in a list.
caller_names := [role] if {
	role := input.role
} else := several if {
	several := input.roles
} else := []

# Each once, where it first stands.
distinct(items) := [item |
	some place
	item := items[place]
	not item in array.slice(items, 0, place)
]

is_question if {
	is_object(input)
	is_string(input.tool)
	every key in ["args", "ctx", "user", "session"] {
		is_object(object.get(input, key, {}))
	}
	every id in [id | some key in ["user", "session"]; id := input[key].id] {
		is_string(id)
	}
	count({"role", "roles"} & object.keys(input)) < 2
	is_array(caller_names)
	every name in caller_names {
		is_string(name)
	}
}"""
