"""A tool and a call in; decided, acted on and recorded out. The gate needs no framework: it stands in front of any callable."""
