"""The middle of the page *Embeddings*: texts as vectors, searched by meaning, on a map, token by token."""
