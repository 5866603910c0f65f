#!/usr/bin/env python3
"""Write strange.json: small TIFFs whose metadata are wrong in the ways of strangers' files, and what rasterio (GDAL) reads of them.

    python testdata/strange/make.py

One line a file: its name, its bytes and those of files beside it (base64), and what rasterio says in the form of
../expected. nodata.json is a table of [type, text of GDAL_NODATA, nodata, flags, hidden pixels of 16 zeros].
Needs the packages of ../requirements.txt.
"""

import base64
import json
import logging
import os
import struct
import sys
import tempfile
import warnings
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import expect  # noqa: E402, sets GDAL's environment
import rasterio  # noqa: E402
import raw_tiff as raw  # noqa: E402
from raw_tiff import ASCII, BYTE, DOUBLE, LONG, RATIONAL, SHORT  # noqa: E402

UNDEFINED, SRATIONAL = 7, 10
COLORS = 16  # of a table so many are kept


def tiff(extra, bits=8, data=b"\0" * 16, order="<"):
    """A gray image of 4 × 4 pixels; fields in `extra` replace those it has."""
    fields = [(256, LONG, 4), (257, LONG, 4), (258, SHORT, bits), (259, SHORT, 1), (262, SHORT, 1), (273, LONG, 8), (277, SHORT, 1),
              (278, LONG, 4), (279, LONG, len(data))]
    given = {tag for tag, _, _ in extra}
    fields = [f for f in fields if f[0] not in given] + [f for f in extra if f[2] is not None]
    at = 8 + len(data)
    return raw.header(order, at) + data + raw.ifd(order, fields, at)


def root(text):
    return f"<GDALMetadata>{text}</GDALMetadata>"


def xml(text):
    return tiff([(42112, ASCII, text.encode() + b"\0")])


A = '<Item name="A">b</Item>'
S = '<Item name="SCALE" sample="0" role="scale">0.5</Item>'


def item(text, more=""):
    return root(f'<Item name="A"{more}>{text}</Item>' + S)


XML = {
    "bare ampersand": root('<Item name="NOTE">salt & pepper</Item>' + S),
    "bare ampersand in a word": item("a&b"),
    "unknown entity": item("x &copy; y"),
    "numbered entities": item("&#65;&#x42;&#233;&#x20AC;&#0;z"),
    "entities in capitals": item("&lt;&AMP;amp;&GT;"),
    "entity without its end": item("x &amp y"),
    "entity beyond Unicode": item("&#x110000; y"),
    "entity that wraps": item("&#4294967361;y"),
    "escaped twice": item("a &amp;amp; b &amp;amp;amp; c"),
    "ampersand in an attribute": root('<Item name="R&D">b</Item>' + S),
    "unquoted attributes": root("<Item name=SCALE sample=0 role=scale>0.5</Item>"),
    "unquoted attribute with a slash": root("<Item name=A/B>b</Item>" + S),
    "attribute twice": root('<Item name="A" name="B">b</Item>' + S),
    "sample twice": root('<Item name="S" sample="0" sample="1" role="scale">3</Item>'),
    "attribute twice in another case": root('<Item name="A" NAME="B">b</Item>'),
    "single quotes": root("<Item name='A&amp;B'>b</Item>"),
    "undeclared prefix on the root": f"<g:GDALMetadata>{A}</g:GDALMetadata>",
    "undeclared prefix on an item": root(f'<x:Item name="A">b</x:Item>{S}'),
    "undeclared prefix on an attribute": root(f'<Item x:name="A">b</Item>{S}'),
    "undeclared prefix beside the name": root(f'<Item x:y="1" name="A">b</Item>{S}'),
    "doctype": f"<!DOCTYPE GDALMetadata>{root(A)}",
    "doctype with entities": "<!DOCTYPE g [ <!ENTITY a \"b\"> ]>" + root(A + '<Item name="E">x&a;</Item>'),
    "doctype with a bracket in quotes": "<!DOCTYPE g [ <!ENTITY a \"]>\"> ]>" + root(A),
    "doctype within": root(f"<!DOCTYPE x>{A}"),
    "doctype that does not end": f"<!DOCTYPE x {root(A)}",
    "doctype in small letters": f"<!doctype x>{root(A)}",
    "two dashes in a comment": root(f"<!-- a -- b -->{A}"),
    "comment that does not end": root(f"{A}<!-- a"),
    "comment behind that does not end": root(A) + "<!-- a",
    "comment of three characters": root(f"<!-->{A}<!-- -->{S}"),
    "comment in an item": root(f'<Item name="A"><!-- c -->b</Item>{S}'),
    "second root of the same name": root(A) + root(S),
    "second root before": f"<Other/>{root(A)}",
    "empty root before": f"<GDALMetadata/>{root(A)}",
    "second root behind": root(A) + "<Other/>",
    "text behind": root(A) + "text > more",
    "text before": f"text{root(A)}",
    "byte order mark": "\ufeff" + root(A),
    "NUL and more behind": root(A) + "\0more",
    "open bracket behind": root(A) + "<",
    "end without start behind": root(A) + "</b>",
    "control characters": item("b\x01\x02c\x7f"),
    "control character in a name": root(f'<Item name="A\x01">b</Item>{S}'),
    "line ends": item("b\r\nc\td"),
    "small letters": f"<gdalmetadata><ITEM NAME=\"A\">b</ITEM></gdalmetadata>",
    "end in another case": f'<GDALMetadata><Item name="A">b</item>{S}</gdalMETADATA>',
    "role in another case": root('<Item name="S" sample="0" ROLE="Scale">3</Item>'),
    "declaration": f'<?xml version="1.0" encoding="UTF-8"?>\n<!-- c -->\n{root(A)}\n',
    "declaration of Latin-1": '<?xml version="1.0" encoding="ISO-8859-1"?>' + root('<Item name="A">é</Item>'),
    "declaration that does not end": f'<?xml version="1.0">{root(A)}',
    "declaration that ends as an element": f'<?xml version="1.0"/>{root(A)}',
    "processing instruction of words": f"<?pi some text?>{root(A)}",
    "processing instruction within": root(f"<?pi a b?>{A}"),
    "CDATA": item("<![CDATA[a < b]]>"),
    "CDATA with an entity": item("<![CDATA[a &amp; b]]>"),
    "CDATA beside text": item("x<![CDATA[y]]>"),
    "CDATA of nothing": item("<![CDATA[]]>"),
    "CDATA that does not end": root(f'<Item name="A"><![CDATA[a</Item>{S}'),
    "root that is not closed": f"<GDALMetadata>{A}{S}",
    "item that is not closed": root('<Item name="A">b'),
    "item that another closes": root(f'<Item name="A">b</Other>{S}'),
    "item within an item": root(f'<Item name="A"><Item name="B">c</Item></Item>{S}'),
    "item of nothing": root(f'<Item name="A"></Item><Item name="B"/><Item name="C">  </Item>{S}'),
    "blanks around": root('<Item name="A">\n  b  \n</Item>'),
    "item without a name": root(f"<Item>b</Item>{S}"),
    "name of nothing": root(f'<Item name="">b</Item>{S}'),
    "text between items": root(f"hello{A}world"),
    "bracket in text": root(f'<Item name="A">a < b</Item>{S}'),
    "brackets in an attribute": root(f'<Item name="a<b>c">d</Item>{S}'),
    "attribute without a value": root(f'<Item name="A" x>b</Item>{S}'),
    "attribute without a blank before it": root('<Item name="A"sample="0"role="scale">3</Item>'),
    "blanks in tags": root('<Item name = "A" >b</Item >'),
    "blank before a name": f"< GDALMetadata>{A}</GDALMetadata>",
    "quote that does not end": root(f'<Item name="A>b</Item>{S}'),
    "two brackets": root(f'<<Item name="A">b</Item>{S}'),
    "a declaration of an element": root(f"<!ELEMENT a (b)>{A}"),
    "root of another name": f"<Other>{A}</Other>",
    "root within another": f"<X>{root(A)}</X>",
    "root with attributes": f'<GDALMetadata xmlns="x" a:b="c">{A}</GDALMetadata>',
    "no XML": "hello",
    "sample that is no number": root('<Item name="A" sample="x">b</Item><Item name="B" sample="">c</Item><Item name="C" sample=" +0.9">d</Item>'),
    "sample out of range": root(f'<Item name="A" sample="-2">b</Item><Item name="B" sample="65536">c</Item><Item name="C" sample="7">d</Item>{S}'),
    "sample that wraps": root('<Item name="A" sample="4294967295">b</Item><Item name="B" sample="4294967296">c</Item>'),
    "role of the dataset": root('<Item name="S" role="scale">3</Item>'),
    "role that nobody knows": root('<Item name="S" sample="0" role="foo">3</Item><Item name="T" sample="0" role=" scale">4</Item>'),
    "role of a domain": root('<Item name="S" sample="0" role="scale" domain="D">3</Item>'),
    "domain in two cases": root('<Item name="A" domain="d">b</Item><Item name="A" domain="D">c</Item>'),
    "name in two cases": root('<Item name="A">b</Item><Item name="a">c</Item>'),
    "name twice": root('<Item name="A">b</Item><Item name="A">c</Item>'),
    "structure in metadata": root(f'<Item name="A" domain="IMAGE_STRUCTURE">b</Item><Item name="B" sample="0" domain="image_structure">c</Item>{S}'),
    "XML in a domain": root('<Item name="doc" domain="xml:X">&lt;a&gt;&amp;amp;&lt;/a&gt;</Item>'),
    "elements in a domain of XML": root(f'<Item name="doc" domain="xml:X"><a/></Item>{S}'),
    "other domains": root("".join(f'<Item name="A" domain="{d}">b</Item>' for d in ("RPC", " ", "GEOLOCATION", "COLOR_PROFILE"))),
    "colour that nobody knows": root('<Item name="C" sample="0" role="colorinterp">Foo</Item>'),
    "colour undefined": root('<Item name="C" sample="0" role="colorinterp">Undefined</Item>'),
    "colour NIR": root('<Item name="C" sample="0" role="colorinterp">nir</Item>'),
    "colour SAR": root('<Item name="C" sample="0" role="colorinterp">SAR_Ka</Item>'),
    "colour Y": root('<Item name="C" sample="0" role="colorinterp">YCbCr_Y</Item>'),
    "colour with a blank": root('<Item name="C" sample="0" role="colorinterp">Red </Item>'),
    "unit twice": root('<Item name="U" sample="0" role="unittype">m</Item><Item name="U" sample="0" role="unittype">ft</Item>'),
    "tag in metadata": root('<Item name="TIFFTAG_SOFTWARE">me</Item><Item name="AREA_OR_POINT">Point</Item>'),
}

NUMBERS = ["0.1f", "0,1", "1,234.5", "1.234,5", "1e3x", "0x10", "abc", "1.5e", "nan", "NAN", "-nan", "-Infinity", "infx", "1.#INF", "-1.#IND",
           "  2.5  ", "--3", "1 2", "1e400", ".5", "5.", "1_000", "½", "0,5.5", "1e5.5"]


def palette(bits, shade):
    return [shade(i, c) & 0xFFFF for c in range(3) for i in range(1 << bits)]


SHADES = {
    "16 bits": lambda i, c: (i * 7 + c * 50) % 256 * 257,
    "8 bits": lambda i, c: (i * 7 + c * 50) % 256,
    "multiples of 256": lambda i, c: (i * 7 + c * 50) % 256 * 256,
    "all 1": lambda i, c: 1,
    "all 255": lambda i, c: 255,
    "all 256": lambda i, c: 256,
    "8 bits and one 256": lambda i, c: 256 if (i, c) == (3, 0) else i % 256,
    "all 0": lambda i, c: 0,
}


def colors():
    for bits in (1, 2, 4, 8):
        data = b"\0" * 16
        for name in SHADES if bits == 4 else list(SHADES)[:3]:
            yield f"palette of {bits} bits, {name}", tiff([(258, SHORT, bits), (262, SHORT, 3), (320, SHORT, palette(bits, SHADES[name]))], data=data)
        full = palette(bits, SHADES["16 bits"])
        for photometric in (0, 1):
            yield f"ColorMap of {bits} bits, photometric {photometric}", tiff([(258, SHORT, bits), (262, SHORT, photometric), (320, SHORT, full)])
            yield f"no ColorMap, {bits} bits, photometric {photometric}", tiff([(258, SHORT, bits), (262, SHORT, photometric)])
    low = palette(4, SHADES["16 bits"])
    eight = palette(8, SHADES["8 bits"])
    yield "ColorMap of LONG", tiff([(258, SHORT, 4), (262, SHORT, 3), (320, LONG, low)])
    yield "ColorMap of BYTE", tiff([(258, SHORT, 4), (262, SHORT, 3), (320, BYTE, bytes(v // 257 for v in low))])
    yield "ColorMap of DOUBLE", tiff([(262, SHORT, 3), (320, DOUBLE, [float(v) for v in low])])
    for count in (0, 3, 47, 49, 96):
        yield f"ColorMap of {count} values for 8 bits", tiff([(262, SHORT, 3), (320, SHORT, (low * 3)[:count])])
    yield "palette without a ColorMap", tiff([(262, SHORT, 3)])
    yield "palette of three samples without a ColorMap", tiff([(258, SHORT, [8] * 3), (262, SHORT, 3), (277, SHORT, 3), (279, LONG, 48)], data=b"\0" * 48)
    for photometric in (2, 4, 8, 32803):
        yield f"ColorMap of one band, photometric {photometric}", tiff([(258, SHORT, 4), (262, SHORT, photometric), (320, SHORT, low)])
    for samples, photometric, extra in ((2, 3, [2]), (2, 3, [0]), (3, 2, None), (4, 3, [0, 0, 2]), (2, 0, [0]), (3, 0, [0, 0])):
        fields = [(258, SHORT, [8] * samples), (262, SHORT, photometric), (277, SHORT, samples), (279, LONG, 16 * samples)]
        fields += [(338, SHORT, extra)] if extra else []
        data = b"\0" * 16 * samples
        yield f"ColorMap of {samples} bands, photometric {photometric}, {extra}", tiff(fields + [(320, SHORT, eight)], data=data)
        if photometric == 0:
            yield f"white is 0, {samples} bands", tiff(fields, data=data)
    for bits, kind in ((16, 2), (8, 2), (32, 1), (32, 3), (12, 1), (16, 3)):
        yield f"white is 0, {bits} bits of format {kind}", tiff([(258, SHORT, bits), (339, SHORT, kind), (262, SHORT, 0)], data=b"\0" * 64)
    for nodata in ("0", "3", "3.7", "15", "16", "-1", "abc"):
        yield f"palette with nodata {nodata}", tiff([(258, SHORT, 4), (262, SHORT, 3), (320, SHORT, low), (42113, ASCII, nodata.encode() + b"\0")])
    named = (42112, ASCII, root('<Item name="C" sample="0" role="colorinterp">Gray</Item>').encode() + b"\0")
    yield "palette that metadata call gray", tiff([(258, SHORT, 4), (262, SHORT, 3), (320, SHORT, low), named])
    yield "two colours that metadata call gray", tiff([(258, SHORT, 1), (262, SHORT, 1), named])


def scale(*v):
    return (33550, DOUBLE, list(v))


def ties(*v):
    return (33922, DOUBLE, list(v))


def matrix(*v):
    return (34264, DOUBLE, list(v))


ROTATED = [2.0, 1, 0, 50, 1, -2, 0, 60, 0, 0, 0, 0, 0, 0, 0, 1]
AREA, POINT = (34735, SHORT, [1, 1, 0, 1, 1025, 0, 1, 1]), (34735, SHORT, [1, 1, 0, 1, 1025, 0, 1, 2])
FOUR = [0.0, 0, 0, 100, 200, 0, 4, 0, 0, 140, 200, 0, 0, 4, 0, 100, 160, 0, 4, 4, 0, 140, 160, 0]
PLACES = {
    "scale only": [scale(10.0, 10, 0)],
    "scale only, area": [scale(10.0, 10, 0), AREA],
    "scale only, point": [scale(10.0, 10, 0), POINT],
    "scale only, negative": [scale(-10.0, -10, 0)],
    "scale of two numbers": [scale(10.0, 10)],
    "scale of one number": [scale(10.0)],
    "scale of four numbers": [scale(10.0, 10, 0, 5)],
    "scale 0 in y": [scale(10.0, 0, 0)],
    "scale 0 in x with a tie point": [scale(0.0, 3, 0), ties(0.0, 0, 0, 5, 6, 0)],
    "scale only and a matrix": [scale(10.0, 10, 0), matrix(*ROTATED)],
    "scale 0, a tie point and a matrix": [scale(0.0, 0, 0), ties(0.0, 0, 0, 5, 6, 0), matrix(*ROTATED)],
    "tie point of five numbers": [scale(10.0, 10, 0), ties(0.0, 0, 0, 5, 6)],
    "tie point of one number": [scale(10.0, 10, 0), ties(1.0)],
    "tie point of seven numbers": [scale(10.0, 10, 0), ties(0.0, 0, 0, 5, 6, 0, 9)],
    "two tie points and a scale": [scale(10.0, 10, 0), ties(1.0, 1, 0, 5, 6, 0, 1, 1, 0, 15, -4, 0)],
    "tie point of five numbers only": [ties(0.0, 0, 0, 5, 6)],
    "tie points of eleven numbers only": [ties(0.0, 0, 0, 5, 6, 0, 1, 1, 0, 7, 8)],
    "tie point only, point": [ties(0.0, 0, 0, 5, 6, 0), POINT],
    "four tie points": [ties(*FOUR)],
    "tie point and a matrix": [ties(0.0, 0, 0, 5, 6, 0), matrix(*ROTATED)],
    "matrix of 15 numbers": [matrix(*ROTATED[:15])],
    "matrix of 12 numbers": [matrix(*ROTATED[:12])],
    "matrix of 17 numbers": [matrix(*ROTATED, 9.0)],
    "matrix of zeros": [matrix(*[0.0] * 16)],
    "matrix, point": [matrix(*ROTATED), POINT],
    "scale of LONG": [(33550, LONG, [10, 10, 0]), (33922, LONG, [0, 0, 0, 5, 6, 0])],
    "area that metadata call point": [AREA, (42112, ASCII, root('<Item name="AREA_OR_POINT">Point</Item>').encode() + b"\0")],
    "raster type 0": [(34735, SHORT, [1, 1, 0, 1, 1025, 0, 1, 0])],
    "raster type 32767": [(34735, SHORT, [1, 1, 0, 1, 1025, 0, 1, 32767])],
    "no raster type": [(34735, SHORT, [1, 1, 0, 1, 3072, 0, 1, 32633])],
}

NODATA_VALUES = ["0 0 0", "0,0,0", "0, 0, 0", "7 8 9", "7;8;9", "7\t8\t9", "7 8", "7 8 9 10", "7x 8 9", "a b c", "7.5 8.9 9.1", "300 8 9",
                 "nan 8 9", "7 8 9,", " 7  8  9 ", "7,5 8 9", "7\n8\n9", "7&quot; &quot; 8 9"]


def rational(kind, *pairs):
    return (len(pairs), b"".join(struct.pack("<" + kind, *pair) for pair in pairs))


def rationals(values):
    return rational("II", *[(int(v * 1e6), 1000000) for v in values])


def with_directories(exif, gps):
    """An image with an Exif and a GPS directory behind it."""
    at = (len(tiff([(34665, LONG, 0), (34853, LONG, 0)])) + 1) // 2 * 2
    first = raw.ifd("<", exif, at)
    then = (at + len(first) + 1) // 2 * 2
    image = tiff([(34665, LONG, at), (34853, LONG, then)])
    return image.ljust(at, b"\0") + first.ljust(then - at, b"\0") + raw.ifd("<", gps, then)


EXIF = [(0x10F, ASCII, b"Make\0"), (0x829A, RATIONAL, rational("II", (1, 125))), (0x829D, RATIONAL, rational("II", (28, 10), (1, 0))),
        (0x8822, SHORT, 2), (0x8827, SHORT, [100, 200]), (0x9000, UNDEFINED, b"0231"), (0x9003, ASCII, b"2020:01:02 03:04:05\0"),
        (0x9101, UNDEFINED, bytes([1, 2, 3, 0])), (0x9204, SRATIONAL, rational("ii", (-1, 3))), (0x9207, BYTE, b"\5"),
        (0x920A, DOUBLE, [1.5, 2.25]), (0x9286, UNDEFINED, b"ASCII\0\0\0hello"), (0x927C, UNDEFINED, bytes(range(20))),
        (0x9292, ASCII, b"  x  \0"), (0x9999, ASCII, b"unknown\0"), (0xA002, LONG, [5]), (0xA300, UNDEFINED, b"\3"),
        (0xA432, RATIONAL, rational("II", (1, 3), (200, 1), (0, 0), (7, 2))), (0xA434, ASCII, "café\0".encode()), (0xC000, SHORT, 7)]
GPS = [(0, BYTE, bytes([2, 3, 0, 0])), (1, ASCII, b"N\0"), (2, RATIONAL, rational("II", (10, 1), (20, 1), (305, 10))),
       (6, RATIONAL, rational("II", (12345, 100))), (0x1B, UNDEFINED, b"ASCII\0\0\0GPS"), (0x1E, SHORT, 1), (0x55, SHORT, 1)]
RPC = [0.1, 1 / 3] + [i * 1.1 for i in range(90)]
RGB = [(258, SHORT, [8] * 3), (262, SHORT, 2), (277, SHORT, 3), (279, LONG, 48)]
PRIMARIES = [(318, RATIONAL, rationals([0.3127, 0.329])), (319, RATIONAL, rationals([0.64, 0.33, 0.3, 0.6, 0.15, 0.06]))]


def others():
    yield "RPC", tiff([(50844, DOUBLE, RPC)])
    yield "RPC of 91 numbers", tiff([(50844, DOUBLE, RPC[:91])])
    for name, kind in (("BYTE", BYTE), ("UNDEFINED", UNDEFINED)):
        yield f"XMP of {name}", tiff([(700, kind, b"<x/>\0more")])
        yield f"ICC profile of {name}", tiff([(34675, kind, b"no profile")])
    yield "XMP of nothing", tiff([(700, BYTE, b"")])
    yield "XMP of 5000 bytes", tiff([(700, BYTE, b"<x>" + b"y" * 5000 + b"</x>")])
    yield "primaries", tiff(RGB + PRIMARIES, data=b"\0" * 48)
    yield "primaries of one colour", tiff(PRIMARIES)
    yield "primaries without a white point", tiff(RGB + PRIMARIES[1:], data=b"\0" * 48)
    yield "transfer functions", tiff(RGB + PRIMARIES + [(301, SHORT, [i * 50 for i in range(768)])], data=b"\0" * 48)
    yield "Exif and GPS", with_directories(EXIF, GPS)


def beside():
    """World files and side-cars: (name, files beside, fields of the image)."""
    world = "10\n1\n2\n-20\n100\n200\n"
    other = "5\n0\n0\n-5\n1\n2\n"
    own = [scale(3.0, 3, 0), ties(0.0, 0, 0, 50, 60, 0)]
    pam = lambda text: f"<PAMDataset>{text}</PAMDataset>"
    placed = pam("<GeoTransform>7,8,0,9,0,-8</GeoTransform>")
    for end in ("tfw", "tifw", "wld", "TFW", "TIFW", "WLD"):
        yield f"world file .{end}", {end: world}, []
    yield "three world files", {"tfw": other, "tifw": world, "wld": world}, []
    yield "two world files", {"tifw": other, "wld": world}, []
    yield "a world file and its own place", {"tfw": world}, own
    yield "a world file and a scale only", {"tfw": world}, own[:1]
    yield "a world file and a tie point only", {"tfw": world}, own[1:]
    yield "a world file and a matrix", {"tfw": world}, [matrix(*ROTATED)]
    yield "a world file where pixels are points", {"tfw": world}, [POINT]
    yield "a world file and an .aux.xml with a place", {"tfw": world, "tif.aux.xml": placed}, []
    yield "a world file and an .aux.xml without", {"tfw": world, "tif.aux.xml": pam("")}, []
    yield "a world file and an .aux.xml with half a place", {"tfw": world, "tif.aux.xml": pam("<GeoTransform>0,1,0</GeoTransform>")}, []
    yield "a world file that is none before one that is", {"tfw": "x", "wld": world}, []
    yield "a world file of five lines", {"tfw": world[:-4]}, []
    yield "a world file with commas", {"tfw": world.replace("10\n", "10,5\n", 1)}, []
    yield "a world file with text behind numbers", {"tfw": world.replace("\n", " m\n")}, []
    yield "a flat world file", {"tfw": "0\n0\n0\n-20\n100\n200\n"}, []
    yield "an .aux.xml over its own place", {"tif.aux.xml": placed}, own
    yield "an .aux.xml of odd numbers", {"tif.aux.xml": pam("<GeoTransform> 7x, 8 ,,0,9,abc,-8</GeoTransform>")}, []
    band = '<PAMRasterBand band="1">{}</PAMRasterBand>'.format
    odd = {
        "a bare ampersand": pam('<Metadata><MDI key="A">salt & pepper</MDI></Metadata>' + band("<Scale>2</Scale>")),
        "unquoted attributes": pam("<Metadata><MDI key=A>b</MDI></Metadata><PAMRasterBand band=1><Scale>2</Scale></PAMRasterBand>"),
        "a comment within and text behind": f'{pam("<!-- a -- b -->" + band("<Scale>2</Scale>"))}text',
        "numbers with text behind": pam(band("<Scale>0.1f</Scale><Offset>5 m</Offset><NoDataValue>7x</NoDataValue>")),
        "small letters": pam(band("<scale>2</scale>")).lower(),
        "an end that is missing": pam(band("<Scale>2</Scale>"))[:-3],
        "items of nothing": pam('<Metadata><MDI key="A"></MDI><MDI key="B"/><MDI>c</MDI><MDI other="D">e</MDI></Metadata>'),
    }
    for name, text in odd.items():
        yield f"an .aux.xml with {name}", {"tif.aux.xml": text}, []


def cases():
    for name, text in XML.items():
        yield "XML: " + name, xml(text), {}
    for name, body in (("not ended by NUL", (ASCII, root(A).encode())), ("of BYTE", (BYTE, root(A).encode())), ("of UNDEFINED", (7, root(A).encode()))):
        yield "XML: " + name, tiff([(42112, *body)]), {}
    for text in NUMBERS:
        values = "".join(f'<Item name="N" sample="0" role="{role}">{text}</Item>' for role in ("scale", "offset"))
        yield f"number: {text}", xml(root(values)), {}
    for name, data in colors():
        yield "colours: " + name, data, {}
    for name, fields in PLACES.items():
        yield "place: " + name, tiff(fields), {}
    for text in NODATA_VALUES:
        metadata = root(f'<Item name="NODATA_VALUES">{text}</Item>').encode() + b"\0"
        yield f"NODATA_VALUES: {text!r}", tiff(RGB + [(42112, ASCII, metadata)], data=bytes([0, 0, 0, 1, 2, 3, 7, 8, 9] + [5] * 39)), {}
    for name, body in (("count 0", (ASCII, (0, b""))), ("NUL first", (ASCII, b"\0" b"7\0")), ("not ended by NUL", (ASCII, b"7")), ("a blank", (ASCII, b" \0")),
                       ("a line end before", (ASCII, b"\n7\0")), ("two texts", (ASCII, b"7\0" b"8\0")), ("of BYTE", (BYTE, b"7\0"))):
        yield "nodata: " + name, tiff([(42113, *body)]), {}
    for name, data in others():
        yield "others: " + name, data, {}
    for name, files, fields in beside():
        yield "beside: " + name, tiff(fields), files


def isolated(work):
    """What `work` gives, in a process of its own: rasterio ends by a signal where GDAL logs text that is not UTF-8."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        try:
            text = json.dumps(work(), allow_nan=False)
        except (rasterio.errors.RasterioError, rasterio._err.CPLE_BaseError, UnicodeError) as error:
            text = json.dumps({"error": type(error).__name__})
        with os.fdopen(write, "w") as out:
            out.write(text)
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as back:
        text = back.read()
    os.waitpid(child, 0)
    return json.loads(text) if text else {"error": "crash"}


def described(data, files):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.tif")
        path.write_bytes(data)
        for end, text in files.items():
            Path(folder, f"a.{end}").write_text(text, newline="")
        looks = dict(GDAL_DISABLE_READDIR_ON_OPEN="FALSE", GDAL_PAM_ENABLED="YES") if files else {}
        with rasterio.Env(**looks), rasterio.open(path) as ds:
            meta = expect.meta_of(ds)
            meta["hidden"] = int((ds.dataset_mask() == 0).sum())
    table = meta["colormap"]
    if table and len(table) > COLORS:
        meta.setdefault("colormap_entries", len(table))
        meta["colormap"] = dict(list(table.items())[:COLORS])
    return meta


TYPES = {"uint8": (8, 1), "int8": (8, 2), "uint16": (16, 1), "int16": (16, 2), "uint32": (32, 1), "int32": (32, 2), "uint64": (64, 1), "int64": (64, 2),
         "float32": (32, 3), "float64": (64, 3), "complex64": (64, 6), "complex128": (128, 6)}
NODATA = ["", "0", "1", "1.5", "0.5", "0.4", "-1", "-1.5", "-0.5", "-0", "255", "255.5", "255.4", "256", "127", "128", "-128", "-128.5", "-129",
          "65535", "65535.5", "65536", "-32768", "-32769", "4294967295", "4294967296", "-2147483648", "-2147483649", "9223372036854775807",
          "9223372036854775808", "-9223372036854775808", "-9223372036854775809", "18446744073709551615", "18446744073709551616", "1e3", "1e39",
          "-1e39", "3.4028234663852886e+38", "3.4028235e+38", "3.402823466e+38", "3.40282e+38", "3.5e38", "-3.5e38", "-3.4028234663852886e+38",
          "1e400", "nan", "NaN", "NAN", "nan ", "inf", "-inf", "abc", "12abc", "0,5", "1e-50", "0x10", " 7", "7 ", "+7", "1.7976931348623157e308",
          "16777217", "9007199254740993", "0.1", "1.#QNAN", "2147483647.5", "1e20", "-1e20", "-32768.5", "32767.5"]


def nodata_of(name, text):
    bits, kind = TYPES[name]
    zeros = b"\0" * (16 * bits // 8)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.tif")
        path.write_bytes(tiff([(258, SHORT, bits), (339, SHORT, kind), (42113, ASCII, text.encode() + b"\0")], data=zeros))
        with rasterio.open(path) as ds:
            value = None if ds.nodata is None else expect.number(ds.nodata)
            return [name, text, value, [f.name for f in ds.mask_flag_enums[0]], int((ds.dataset_mask() == 0).sum())]


def main():
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    compact = dict(ensure_ascii=True, separators=(",", ":"))
    lines = []
    for name, data, files in cases():
        files64 = {end: base64.b64encode(text.encode()).decode() for end, text in files.items()}
        line = {"name": name, "tiff": base64.b64encode(data).decode(), "beside": files64}
        found = isolated(lambda: described(data, files))
        if "error" in found:
            print(f"{name}: {found['error']}")
            continue
        lines.append(json.dumps({**line, "meta": found}, **compact))
    (HERE / "strange.json").write_text("[\n" + ",\n".join(lines) + "\n]\n")
    rows = [json.dumps(nodata_of(name, text), **compact) for name in TYPES for text in NODATA]
    (HERE / "nodata.json").write_text("[\n" + ",\n".join(rows) + "\n]\n")
    print(f"{len(lines)} files, {len(rows)} nodata")


if __name__ == "__main__":
    sys.exit(main())
