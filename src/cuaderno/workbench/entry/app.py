"""What Streamlit runs, anew for every touch: `streamlit run app.py -- DIARY`.

It stands in a folder of its own: beside a folder `pages/` Streamlit would take the files in there for its own.
"""

import sys
from pathlib import Path

from cuaderno.workbench.frame import show

show(Path(sys.argv[1]))
