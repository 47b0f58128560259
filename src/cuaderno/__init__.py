"""Cuaderno: train it on your own PC, write it down in two languages, publish the page with the model inside it."""

import sys
from importlib.util import find_spec

__version__ = "0.1.0"


class _GymnasiumComes:
    """An import hook: our environments are registered when Gymnasium comes, whose version 1 looks for none itself."""

    def find_spec(self, name, path=None, target=None):
        if name != "gymnasium" or self not in sys.meta_path:
            return None
        sys.meta_path.remove(self)  # once is enough, and the search below must not come back here
        spec = find_spec(name)
        if spec is not None and spec.loader is not None:
            execute = spec.loader.exec_module

            def execute_and_register(module):
                execute(module)
                _register_environments()

            spec.loader.exec_module = execute_and_register  # type: ignore[method-assign]
        return spec


def _register_environments() -> None:
    from cuaderno.studies import register_environments

    register_environments()


if "gymnasium" in sys.modules:
    _register_environments()
else:
    sys.meta_path.insert(0, _GymnasiumComes())
