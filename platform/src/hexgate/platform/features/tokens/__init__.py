"""The keys that sign, and the tokens with which programs come in."""
