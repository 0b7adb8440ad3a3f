"""What was decided, and what happened then: taken from programs, kept, and shown to people."""
