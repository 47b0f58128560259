"""Cat against dog, from scratch, and what the network sees.

Reading order: data.py and drawings.py with animals.py and brush.py (where the pictures come from), augment.py,
model.py, optimizer.py, settings.py, train.py, backbone.py (or begin from what others trained), judge.py and
evaluate.py (how good is it, how sure, and which labels are wrong), predict.py (photos of yours), explain.py, inside.py
and fool.py with album.py (what it sees), mistakes.py (labels to look at again), export.py, quantize.py
and web/ (in a page).
"""
