"""Tune a language model to your own table: name the kind of a text, give it a number, or answer like your examples.

Reading order: data.py and phrasebook.py (rows, parted so that no test row has a twin), families.py (which model suits
which task), tokens.py, model.py, start.py (the model before its first step), batches.py and cuts.py (rows as it reads
them), train.py with settings.py, effective.py (where each hyperparameter went) and memory.py, tuned.py (what stays),
judge.py, baselines.py, before.py and evaluate.py, write.py and chat.py (answers), predict.py, embed.py (sentences as
vectors), huggingface.py and export.py with quantize.py (into the browser).
"""
