"""A small recurrent network learns to solve mazes of any size by thinking longer.

Read data.py, model.py, train.py and solve.py in this order; then evaluate.py, predict.py, export.py and web/.
First steps without a network: environment.py and qlearning.py. Mazes from pictures and text: pictures.py.
"""
