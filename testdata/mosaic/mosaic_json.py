"""Writes the MosaicJSON that cogeo-mosaic makes of the scenes here, for several zooms of quadkeys.

    python testdata/mosaic/mosaic_json.py

Needs cogeo-mosaic (9.2 was used). Writes cogeo_mosaic.json: a list of {"files", "quadkey_zoom", "tms", "mosaic"}; `mosaic` is the document as
cogeo-mosaic's own model prints it, without the tile matrix set.
"""

import json
import os
import warnings
from pathlib import Path

import morecantile
from cogeo_mosaic.mosaic import MosaicJSON

HERE = Path(__file__).parent


def main():
    warnings.simplefilter("ignore")
    os.chdir(HERE)
    made = []
    for case in ("nodata_u8", "masked_u16", "nan_f32"):
        files = sorted(str(path) for path in Path(".").glob(f"{case}_*.tif"))
        for zoom, tms in ((None, None), (17, None), (19, None), (15, "EuropeanETRS89_LAEAQuad")):
            set_ = morecantile.tms.get(tms) if tms else None
            mosaic = MosaicJSON.from_urls(files, quadkey_zoom=zoom, tilematrixset=set_)
            document = json.loads(mosaic.model_dump_json(exclude_none=True, exclude={"tilematrixset"}))
            # The model accepts what it printed.
            MosaicJSON.model_validate(document)
            made.append({"files": files, "quadkey_zoom": zoom, "tms": tms, "mosaic": document})
    Path("cogeo_mosaic.json").write_text(json.dumps(made, indent=1) + "\n")


if __name__ == "__main__":
    main()
