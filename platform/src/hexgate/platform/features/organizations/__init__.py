"""Organizations with their members, invitations and projects: whose everything is."""
