"""Where programs come from: a file, a directory, a bundle; and how they are kept fresh."""
