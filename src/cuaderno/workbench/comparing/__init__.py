"""Look at runs: a list, one run with its card and pictures, or several side by side."""
