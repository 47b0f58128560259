"""The writing side: a folder with a cuaderno.toml, posts in one or two languages, and the records of kept runs."""
