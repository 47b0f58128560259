"""`python -m cuaderno` is the command `cuaderno`."""

from cuaderno.cli import main

if __name__ == "__main__":
    main()
