"""Cat against dog, from scratch, and what the network sees.

Reading order: data.py and drawings.py with animals.py and brush.py (where the pictures come from), augment.py,
model.py, optimizer.py, train.py, backbone.py (or begin from what others trained), judge.py and evaluate.py (how good
is it, how sure, and which labels are wrong); export.py, quantize.py and kernel.wat (how it comes into a page).
"""
