"""A program as Rego, for people and for OPA."""
