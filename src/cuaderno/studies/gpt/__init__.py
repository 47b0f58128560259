"""A small GPT that learns a text of yours on your own PC, writes on, and talks in the reader's browser.

Reading order: data.py, tokens.py and windows.py (a text becomes numbers), ngram.py (counting, the bar to clear),
model.py, optimizer.py, train.py, judge.py and evaluate.py (how good is it really), generate.py and chat.py (let it
speak), mixture.py (network and counting together), inside.py (what the heads look at), export.py (into the
browser), huggingface.py (to and from others); kernels.py and memory.py are about the machine.
"""
