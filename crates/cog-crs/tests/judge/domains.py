"""What PROJ, by pyproj, makes of points wherever they lie, its limits included.

Reads a JSON list of {"from", "to", "x", "y"}; prints {"x", "y"} a line, null where PROJ has no answer.
"""

import json
import math
import os
import sys

os.environ["PROJ_NETWORK"] = "OFF"

from pyproj import Transformer

for item in json.load(open(sys.argv[1])):
    x, y = Transformer.from_crs(item["from"], item["to"], always_xy=True).transform(item["x"], item["y"])
    drawn = [math.isfinite(a) and math.isfinite(b) for a, b in zip(x, y)]
    print(json.dumps({"x": [a if d else None for a, d in zip(x, drawn)], "y": [b if d else None for b, d in zip(y, drawn)]}))
