"""Talk with a model in the browser: a run or a served one, alone or two side by side."""
