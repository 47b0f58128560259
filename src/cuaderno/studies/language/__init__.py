"""One small network names the language of a text, or of a picture of text that it cannot read out.

Reading order: data.py, tatoeba.py, phrasebook.py, excerpts.py and letters.py (sentences become numbers), fonts.py and
pictures.py (sentences become pictures), model.py, optimizer.py, train.py, judge.py, evaluate.py and declaration.py (how
good is it, and does it cheat), explain.py (where it looks), photos.py, parts.py and predict.py (a photo of yours, two
languages in one line), export.py with quantize.py (into the browser).
"""
