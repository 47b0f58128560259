"""What `cuaderno check` looks for: one module per kind of finding."""
