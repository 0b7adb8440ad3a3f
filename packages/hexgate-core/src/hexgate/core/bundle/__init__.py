"""A signed directory that holds a policy, its Rego and its module, and says that both engines answer alike."""
