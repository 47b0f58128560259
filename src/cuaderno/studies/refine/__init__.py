"""Tune a language model to your own table: name the kind of a text, give it a number, or answer like your examples.

Reading order: data.py and phrasebook.py (rows, parted so that no test row has a twin), families.py (which model suits
which task), tokens.py, model.py, effective.py (where each hyperparameter went), memory.py, train.py, judge.py,
baselines.py and evaluate.py, write.py and chat.py (answers), predict.py, embed.py (sentences as vectors),
huggingface.py and export.py with quantize.py (into the browser).
"""
