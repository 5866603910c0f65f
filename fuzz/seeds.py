#!/usr/bin/env python3
"""Write first inputs of the fuzz targets into corpus/TARGET, from the test data of this repository.

    python3 seeds.py

Inputs of codecs are the blocks of crates/cog-codecs/tests/data behind the head that `cog_fuzz::describe` reads.
"""
import json, os, re, struct

HERE = os.path.dirname(os.path.abspath(__file__))
BLOCKS = os.path.join(HERE, '../crates/cog-codecs/tests/data')
# Compression -> target and the place in the target's list.
TARGETS = {1: ('samples', 0), 2: ('ccitt', 0), 3: ('ccitt', 1), 4: ('ccitt', 2), 5: ('lzw', 0), 6: ('old_jpeg', 0),
           7: ('jpeg', 0), 8: ('deflate', 0), 32773: ('packbits', 0), 34712: ('jpeg2000', 0), 34887: ('lerc', 0),
           34925: ('lzma', 0), 50000: ('zstd', 0), 50001: ('webp', 0), 50002: ('jpegxl', 0)}


def records(path):
    with open(path, 'rb') as f:
        data = f.read()
    parts, at = [], 0
    while at < len(data):
        size, = struct.unpack_from('<I', data, at)
        parts.append(data[at + 4:at + 4 + size])
        at += 4 + size
    for head, tables, src, _ in zip(*[iter(parts)] * 4):
        yield dict(line.split('=', 1) for line in head.decode().splitlines()), tables, src


def head(values, which, tables):
    number = lambda key, default=0: int(values.get(key, default))
    pair = lambda key, default: [int(v) for v in values.get(key, default).split(',')]
    across, down = (v.bit_length() - 1 for v in pair('subsampling', '2,2'))
    flags = number('big') | (number('fill', 1) - 1) << 1 | number('raw') << 2 | across << 3 | down << 5
    lerc = pair('lerc', '0,-1')[1] + 1
    options = lerc | number('t4') << 2 | number('t6') << 5
    return bytes([which, number('width') - 1, number('height') - 1, number('samples', 1) - 1, number('bits', 8),
                  number('format', 1), number('predictor', 1), number('photometric', 1), flags, options, 0,
                  (len(tables) + 3) // 4])


def save(target, name, data):
    folder = os.path.join(HERE, 'corpus', target)
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, 'seed-' + re.sub('[^A-Za-z0-9]+', '-', name)), 'wb') as f:
        f.write(data)


for file in sorted(os.listdir(BLOCKS)):
    if not file.endswith('.blocks'):
        continue
    for values, tables, src in records(os.path.join(BLOCKS, file)):
        target, which = TARGETS[int(values.get('compression', 1))]
        if target == 'old_jpeg':
            # Eleven pieces, whose lengths the target reads as 16 bits.
            pieces = []
            while tables:
                size, = struct.unpack_from('<I', tables)
                pieces.append(struct.pack('<H', size) + tables[4:4 + size])
                tables = tables[4 + size:]
            save(target, values['name'], head(values, which, b'') + b''.join(pieces))
            continue
        if 0 < int(values['width']) <= 256 and 0 < int(values['height']) <= 256 and len(tables) <= 1000:
            # A trailing end marker, spelled longer, keeps the tables a whole number of four bytes.
            tables = tables + bytes(-len(tables) % 4)
            save(target, values['name'], head(values, which, tables) + tables + src)
        if target == 'lzw':
            save('lzw', values['name'] + ' alone', struct.pack('<H', 7 * 3 * int(values.get('samples', 1))) + src)

for text in ('a.tif', '/a b/c.tif', 'file:///a/b.tif', 'https://user:word@example.com/a/b.tif?sig=x#f', 's3://bucket/key.tif',
             'gs://b/k', 'az://c/k', 'abfs://c@a.dfs.core.windows.net/k', '/vsicurl/https://example.com/a.tif',
             '/vsis3/bucket/key', 'C:\\a\\b.tif', 'http://[::1]:8080/%41.tif', '/vsigs/b/k', '/vsiaz/c/k'):
    save('location', text, text.encode())

# Definitions of CRSs: WKT2, PROJJSON and WKT1 of each line.
with open(os.path.join(HERE, '../crates/cog-crs/tests/data/proj.tsv'), encoding='utf-8') as f:
    for line in f:
        code, *texts = line.rstrip('\n').split('\t')
        for number, text in enumerate([code, *texts]):
            save('crs_text', f'{code}-{number}', text.encode())
for number, text in enumerate(['+proj=utm +zone=33 +datum=WGS84', '+proj=lcc +lat_1=49 +lat_2=46 +lat_0=47.5 +lon_0=13.3 +ellps=bessel +towgs84=577,90,463,5,1,5,2',
                               '+proj=geos +h=35785831 +sweep=x +R=6371000 +units=us-ft']):
    save('crs_text', f'proj-{number}', text.encode())


def geo_key(number, value):
    if isinstance(value, int):
        return struct.pack('<HBBH', number, 0, 2, value)
    if isinstance(value, float):
        return struct.pack('<HBBd', number, 1, 8, value)
    return struct.pack('<HBB', number, 2, len(value)) + value.encode()


for name, keys in {
    'code': {1024: 1, 3072: 32633, 3076: 9001},
    'user': {1024: 1, 1026: 'unknown', 2048: 32767, 2049: 'GCS Name = unknown|Datum = mine|Ellipsoid = e|Primem = Greenwich|', 2050: 32767, 2054: 9102,
             2056: 32767, 2057: 6378137.0, 2059: 298.0, 3072: 32767, 3074: 32767, 3075: 8, 3076: 9003, 3078: 44.0, 3079: 49.0, 3084: 3.0, 3085: 46.0},
    'compound': {1024: 1, 3072: 28992, 4096: 5709},
    'esri': {1024: 32767, 3073: 'ESRI PE String = GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137.0,298.257223563]],UNIT["Degree",0.0174]]'},
}.items():
    # The folded half of the numbers has an even high byte.
    save('crs_keys', name, b'\x01' + b''.join(geo_key(number, value) for number, value in keys.items()))

for text in ('<GDALMetadata>\n  <Item name="SCALE" sample="0" role="scale">0.1</Item>\n</GDALMetadata>',
             '<GDALMetadata><Item name=A>salt & pepper &#x41;</Item><![CDATA[x]]></GDALMetadata>', '<!DOCTYPE x [ <!ENTITY a "b"> ]><?pi a?>',
             '<PAMDataset><GeoTransform>1,2,3,4,5,6</GeoTransform><PAMRasterBand band="1"><Scale>2</Scale></PAMRasterBand></PAMDataset>',
             '10\n0\n0\n-10\n105\n195\n'):
    save('metadata', text, text.encode())

# A tile matrix set of each version.
MATRIX = ('"scaleDenominator":279541132.01,"tileWidth":256,"tileHeight":256,"matrixWidth":8,"matrixHeight":4')
save('tile_sets', 'two', ('{"id":"a","title":"b","crs":"http://www.opengis.net/def/crs/EPSG/0/4326","orderedAxes":["Lat","Lon"],"boundingBox":'
     '{"lowerLeft":[-90,-180],"upperRight":[90,180]},"tileMatrices":[{"id":"0","cellSize":0.703125,"cornerOfOrigin":"bottomLeft","pointOfOrigin":'
     '[90.0,-180.0],"variableMatrixWidths":[{"coalesce":2,"minTileRow":0,"maxTileRow":1}],' + MATRIX + '},{"id":"1","cellSize":0.3515625,'
     '"pointOfOrigin":[90.0,-180.0],' + MATRIX.replace('8', '16') + '}]}').encode())
save('tile_sets', 'one', ('{"type":"TileMatrixSetType","title":"b","identifier":"a","supportedCRS":"EPSG:3857","tileMatrix":[{"type":'
     '"TileMatrixType","identifier":"0","topLeftCorner":[-20037508.3,20037508.3],' + MATRIX + '}]}').encode())

# Cut-lines: polygons of the tests in their CRSs, and all that GeoJSON may be around them.
with open(os.path.join(HERE, '../crates/cog-warp/tests/data/cutlines.json'), encoding='utf-8') as f:
    CUTLINES = json.load(f)
seen = set()
for case in (case for cases in CUTLINES.values() if isinstance(cases, list) for case in cases):
    named = {'type': 'name', 'properties': {'name': case['crs']}}
    text = json.dumps({**case['geometry'], 'crs': named}, separators=(',', ':'))
    if len(text) < 1500 and len(seen) < 120 and text not in seen:
        save('cutline', f'test-{len(seen)}', text.encode())
        seen.add(text)
RINGS = '[[[10,40],[20,40],[20,50],[10,40]],[[14,42],[18,42],[18,46],[14,42]]]'
for name, text in {
    'feature': '{"type":"Feature","properties":{"a":1},"geometry":{"type":"Polygon","coordinates":' + RINGS + '}}',
    'features': '{"type":"FeatureCollection","features":[{"type":"Feature","geometry":{"type":"MultiPolygon","coordinates":[' + RINGS
    + ']}},{"type":"Feature","geometry":null}]}',
    'geometries': '{"type":"GeometryCollection","geometries":[{"type":"Polygon","coordinates":' + RINGS + '}]}',
    'antimeridian': '{"type":"Polygon","coordinates":[[[170,-10,5],[190,-10],[190,10],[170,10],[170,-10,5]]]}',
    'pole': '{"type":"Polygon","coordinates":[[[-180,60],[0,60],[180,60],[180,90],[-180,90],[-180,60]]]}',
    'crossing': '{"type":"Polygon","coordinates":[[[0,0],[10,10],[10,0],[0,10],[0,0]]]}',
    'point': '{"type":"Point","coordinates":[1e5,-2.5]}',
}.items():
    save('cutline', name, text.encode())

# Expressions: every operator and function, and what people write that is none.
for i, text in enumerate((
        '(b1-b2)/(b1+b2)', 'where(b1 > 0.2, b1, nan); b2', 'a if b or not c else -a**2', '0 < b1 <= 9 and ~(b2 == 1)', "'b1' + \"b2\" * `b3`",
        '(b1 >> 3) & 1 | 2 ^ b2 << 4', 'b1 // 2 % 3 ** -1', 'min(a, b, c) + hypot(a, 1e-3) - 0xff / 1_0', 'b1 && b2', 'a < b & c < 1',
        'isnan(b1) if isfinite(b2) else isinf(b3)', 'arctan2(real(b1), imag(b2)) + abs(b3)', '((((((a))))))', '- - + ~ a',
        'round(sqrt(log(exp(b1))))', 'nextafter(b1, inf) * copysign(pi, e)', 'True + False', 'fmod(a, b) ; mod(a, b);;power(a, b)')):
    save('expression', f'text-{i}', text.encode())
