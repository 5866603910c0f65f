#!/usr/bin/env python3
"""Write the fixtures beside this script: encoded blocks with the samples other software reads from them.

    pip install imagecodecs tifffile numpy pillow rasterio
    python make_blocks.py [NAME ...]

Without names all are made. Those of old_jpeg need a gdal_translate whose libtiff reads old-style JPEG, as Debian's does,
those of jpeg_arithmetic a jpegtran of libjpeg-turbo 3.

A file is a run of records; a record is four byte strings, each after its length (32 bits, little-endian): a header of
key=value lines, JPEG tables, the compressed bytes, the samples expected (native little-endian, chunky).  Expected
values are the arrays that were written (lossless codecs), what libjpeg-turbo, libwebp, libjxl, OpenJPEG and Lerc
decode (through imagecodecs), or what GDAL reads (colours).
"""
import io, os, random, struct, subprocess, sys, tempfile
import imagecodecs, numpy, rasterio, tifffile
from PIL import Image
from rasterio.io import MemoryFile

HERE = os.path.dirname(os.path.abspath(__file__))
RNG = numpy.random.default_rng(42)


class Blocks(list):
    def add(self, name, src, expected, tables=b'', **head):
        head = '\n'.join(f'{k}={v}' for k, v in dict(name=name, **head).items()).encode()
        for part in (head, tables, bytes(src), expected.tobytes()):
            self.append(struct.pack('<I', len(part)) + part)

    def save(self, name):
        with open(os.path.join(HERE, name), 'wb') as f:
            f.write(b''.join(self))


def texture(height, width, samples, dtype):
    y, x, s = numpy.mgrid[0:height, 0:width, 0:samples]
    a = 40 + 30 * numpy.sin(x / 5 + s) * numpy.cos(y / 4) + 20 * s + RNG.integers(0, 3, (height, width, samples))
    if numpy.dtype(dtype).kind == 'c':
        return (a + 1j * a[::-1]).astype(dtype)
    if numpy.dtype(dtype).kind == 'f':
        return (a / 7).astype(dtype)
    if numpy.dtype(dtype).kind == 'u' and numpy.dtype(dtype).itemsize > 1:
        return (a * 301).astype(dtype)
    return a.astype(dtype) * (-1 if numpy.dtype(dtype).kind == 'i' else 1)


FORMAT = {'u': 1, 'i': 2, 'f': 3, 'c': 6}


def matrix():
    """Compression x predictor x type x samples x byte order, written by tifffile."""
    out = Blocks()
    for dtype in ('u1', 'i1', 'u2', 'i2', 'u4', 'i4', 'u8', 'i8', 'f2', 'f4', 'f8', 'c8'):
        for order in '<>':
            for samples in (1, 3, 5):
                for compression, predictor in ((1, 1), (5, 2), (8, 2), (8, 3), (50000, 2), (5, 3), (32773, 1), (34925, 2)):
                    kind, size = dtype[0], int(dtype[1])
                    if predictor == 3 and kind != 'f' or predictor == 2 and kind in 'fc':
                        continue
                    if (samples, order) == (5, '<') and compression != 8:
                        continue
                    a = texture(3, 7, samples, dtype)
                    f = io.BytesIO()
                    tifffile.imwrite(f, a if samples > 1 else a[..., 0], byteorder=order, compression=compression,
                                     predictor=predictor, photometric='minisblack', planarconfig='contig' if samples > 1 else None,
                                     rowsperstrip=3, metadata=None)
                    f.seek(0)
                    with tifffile.TiffFile(f) as t:
                        page = t.pages[0]
                        f.seek(page.dataoffsets[0])
                        src = f.read(page.databytecounts[0])
                    out.add(f'{dtype} {order} x{samples} compression {compression} predictor {predictor}', src,
                            a.astype('<f4' if dtype == 'f2' else '<' + dtype), width=7, height=3, samples=samples,
                            bits=8 * size, format=FORMAT[kind], compression=compression, predictor=predictor,
                            big=int(order == '>'))
    return out


def jpeg():
    out = Blocks()
    rgb = numpy.repeat(numpy.repeat(RNG.integers(0, 255, (4, 5, 3)), 10, 0), 10, 1)[:37, :45]
    rgb = (rgb + texture(37, 45, 3, 'u1')).clip(0, 255).astype('u1')
    for sub in ('444', '422', '420', '411'):
        src = imagecodecs.jpeg8_encode(rgb, level=85, colorspace='RGB', outcolorspace='YCBCR', subsampling=sub)
        out.add(f'YCbCr {sub}', src, imagecodecs.jpeg8_decode(src), width=45, height=37, samples=3, compression=7,
                photometric=6)
        out.add(f'YCbCr {sub} raw', src, imagecodecs.jpeg8_decode(src, outcolorspace='YCBCR'), width=45, height=37,
                samples=3, compression=7, photometric=6, raw=1)
    src = imagecodecs.jpeg8_encode(rgb, level=90, colorspace='RGB', outcolorspace='RGB')
    want = imagecodecs.jpeg8_decode(src, colorspace='RGB', outcolorspace='RGB')
    out.add('RGB', src, want, width=45, height=37, samples=3, compression=7, photometric=2)
    out.add('RGB, fewer rows than the stream', src, want[:20], width=45, height=20, samples=3, compression=7,
            photometric=2)
    src = imagecodecs.jpeg8_encode(rgb[..., 0].copy(), level=90)
    out.add('gray', src, imagecodecs.jpeg8_decode(src), width=45, height=37, samples=1, compression=7)
    cmyk = numpy.dstack([rgb, 255 - rgb[..., :1]])
    src = imagecodecs.jpeg8_encode(cmyk, level=90, colorspace='CMYK', outcolorspace='CMYK')
    want = imagecodecs.jpeg8_decode(src, colorspace='CMYK', outcolorspace='CMYK')
    out.add('CMYK raw', src, want, width=45, height=37, samples=4, compression=7, photometric=5, raw=1)
    return out


def jpeg_kinds():
    """Progressive streams, restart markers, other sampling factors and sizes that no block divides."""
    out = Blocks()
    RNG.bit_generator.state = numpy.random.default_rng(43).bit_generator.state

    def add(name, src, height, width, samples, photometric=1, **decode):
        want = imagecodecs.jpeg8_decode(src, **decode)
        assert len(src) < 3000 and want.shape[:2] == (height, width), (name, len(src), want.shape)
        out.add(name, src, want, width=width, height=height, samples=samples, compression=7, photometric=photometric)

    def pillow(name, height, width, samples=3, **options):
        a = texture(height, width, samples, 'u1')
        f = io.BytesIO()
        Image.fromarray(a if samples > 1 else a[..., 0]).save(f, 'jpeg', quality=70, **options)
        add(name, f.getvalue(), height, width, samples, 6 if samples == 3 else 1)

    for subsampling in ('4:2:0', '4:2:2', '4:4:4'):
        pillow(f'progressive {subsampling}', 37, 45, progressive=True, subsampling=subsampling)
    pillow('progressive gray', 37, 45, 1, progressive=True)
    pillow('progressive 4:2:0 with restarts', 37, 45, progressive=True, subsampling='4:2:0', restart_marker_blocks=2)
    pillow('restarts each 2 MCUs', 37, 67, subsampling='4:2:0', restart_marker_blocks=2)
    pillow('restarts each row', 37, 45, subsampling='4:4:4', restart_marker_rows=1)
    pillow('own Huffman tables', 41, 50, subsampling='4:2:0', optimize=True)
    for height, width in ((1, 1), (9, 2), (17, 3), (2, 33)):
        for subsampling in ('4:2:0', '4:2:2'):
            pillow(f'{subsampling} of {width} x {height}', height, width, subsampling=subsampling)
    pillow('progressive 4:2:0 of 2 x 9', 9, 2, subsampling='4:2:0', progressive=True)
    for subsampling in ('440', '411'):
        for height, width in ((23, 45), (17, 3)):
            a = texture(height, width, 3, 'u1')
            src = imagecodecs.jpeg8_encode(a, level=70, colorspace='RGB', outcolorspace='YCBCR', subsampling=subsampling)
            add(f'YCbCr {subsampling} of {width} x {height}', src, height, width, 3, 6)
    ycbcr = dict(colorspace='YCBCR', outcolorspace='YCBCR')
    for factors in ('31 11 11', '13 11 11', '32 11 31', '42 11 11', '21 11 12', '14 11 11'):
        factors = [tuple(map(int, f)) for f in factors.split()]
        add(f'factors {factors}', noise(21, 50, factors), 21, 50, 3, **ycbcr)
    add('factors and restarts', noise(21, 50, [(2, 2), (1, 1), (1, 1)], restart=1), 21, 50, 3, **ycbcr)
    for factors in ([(1, 1)] * 3, [(2, 2), (1, 1), (1, 1)], [(2, 1), (1, 2), (1, 1)]):
        add(f'a scan each {factors}', noise(21, 35, factors, [[0], [1], [2]], restart=3), 21, 35, 3, **ycbcr)
    add('two scans', noise(21, 35, [(2, 1), (1, 1), (1, 1)], [[0], [1, 2]]), 21, 35, 3, **ycbcr)
    add('two bands', noise(21, 35, [(1, 1)] * 2), 21, 35, 2)
    add('two bands, restarts', noise(21, 35, [(1, 1)] * 2, restart=4), 21, 35, 2)
    return out


def noise(height, width, factors, scans=None, restart=0, precision=8):
    """A sequential stream of random coefficients, for layouts that no encoder at hand writes."""
    segment = lambda marker, body: struct.pack('>BBH', 255, marker, len(body) + 2) + bytes(body)
    symbols = [run << 4 | size for run in range(16) for size in range(1, 7)] + [0, 0xf0]
    out = b'\xff\xd8' + segment(0xdb, [0] + [3 + i // 4 for i in range(64)])
    out += segment(0xc4, [0] + [0] * 3 + [8] + [0] * 12 + list(range(8)))
    out += segment(0xc4, [16] + [0] * 7 + [len(symbols)] + [0] * 8 + symbols)
    if restart:
        out += segment(0xdd, struct.pack('>H', restart))
    frame = b''.join(bytes([i + 1, h << 4 | v, 0]) for i, (h, v) in enumerate(factors))
    out += segment(0xc0 if precision == 8 else 0xc1, struct.pack('>BHHB', precision, height, width, len(factors)) + frame)
    across, down = (max(f[axis] for f in factors) for axis in (0, 1))
    ceil = lambda a, b: -(-a // b)

    def number(value):
        size = abs(value).bit_length()
        return size, format(value if value > 0 else value + (1 << size) - 1, f'0{size}b') if size else ''

    for scan in scans or [range(len(factors))]:
        out += segment(0xda, [len(scan)] + [b for i in scan for b in (i + 1, 0)] + [0, 63, 0])
        units = ceil(width, 8 * across) * ceil(height, 8 * down)
        blocks = [i for i in scan for _ in range(factors[i][0] * factors[i][1])]
        if len(scan) == 1:
            (h, v), blocks = factors[scan[0]], scan
            units = ceil(ceil(width * h, across), 8) * ceil(ceil(height * v, down), 8)
        bits, last = '', {}
        for unit in range(units + 1):
            if unit == units or restart and unit and unit % restart == 0:
                bits += '1' * (-len(bits) % 8)
                out += int(bits, 2).to_bytes(len(bits) // 8, 'big').replace(b'\xff', b'\xff\0')
                if unit == units:
                    break
                out += bytes([255, 0xd0 + (unit // restart - 1) % 8])
                bits, last = '', {}
            for i in blocks:
                dc = int(RNG.integers(-60, 61))
                size, value = number(dc - last.get(i, 0))
                last[i] = dc
                bits += format(size, '04b') + value
                for run in RNG.integers(0, 16, 3):
                    size, value = number(int(RNG.choice([-1, 1]) * RNG.integers(1, 17)))
                    bits += format(symbols.index(int(run) << 4 | size), '08b') + value
                bits += format(symbols.index(0), '08b')
    return out + b'\xff\xd9'


def pictures():
    """WebP, JPEG XL, JPEG 2000, LERC."""
    out = Blocks()
    for samples in (3, 4):
        a = texture(19, 23, samples, 'u1')
        for lossless in (True, False):
            src = imagecodecs.webp_encode(a, level=None if lossless else 75, lossless=lossless)
            out.add(f'WebP x{samples} lossless {lossless}', src, imagecodecs.webp_decode(src), width=23, height=19,
                    samples=samples, compression=50001)
    src = imagecodecs.webp_encode(texture(19, 23, 3, 'u1'), lossless=True)
    a = imagecodecs.webp_decode(src)
    out.add('WebP, opaque alpha dropped', src, numpy.dstack([a, numpy.full_like(a[..., :1], 255)]), width=23, height=19,
            samples=4, compression=50001)
    for dtype, samples in (('u1', 1), ('u1', 3), ('u2', 1), ('u2', 3), ('f4', 1), ('u1', 4)):
        a = texture(19, 23, samples, dtype)
        head = dict(width=23, height=19, samples=samples, bits=8 * a.itemsize, format=FORMAT[dtype[0]])
        a = a if samples > 1 else a[..., 0]
        src = imagecodecs.jpegxl_encode(a, lossless=True)
        out.add(f'JPEG XL {dtype} x{samples}', src, a, compression=50002, **head)
        if dtype != 'f4' and samples != 4:
            src = imagecodecs.jpeg2k_encode(a, reversible=True, level=0, codecformat='J2K')
            out.add(f'JPEG 2000 {dtype} x{samples}', src, a, compression=34712, **head)
    for dtype in ('i1', 'u1', 'i2', 'u2', 'i4', 'u4', 'f4', 'f8'):
        a = texture(19, 23, 1, dtype)[..., 0]
        head = dict(width=23, height=19, samples=1, bits=8 * a.itemsize, format=FORMAT[dtype[0]], compression=34887)
        src = imagecodecs.lerc_encode(a)
        out.add(f'LERC {dtype}', src, a, **head)
        out.add(f'LERC {dtype} in deflate', imagecodecs.zlib_encode(src), a, lerc='4,1', **head)
        out.add(f'LERC {dtype} in ZSTD', imagecodecs.zstd_encode(src), a, lerc='4,2', **head)
    a = texture(19, 23, 3, 'u1')
    out.add('LERC u1 x3', imagecodecs.lerc_encode(a, planar=False), a, width=23, height=19, samples=3, compression=34887)
    a = texture(19, 23, 1, 'f4')[..., 0]
    mask = numpy.ones(a.shape, bool)
    mask[3:7, 2:9] = False
    src = imagecodecs.lerc_encode(a, masks=mask)
    a[~mask] = numpy.nan
    out.add('LERC f4 with a mask', src, a, width=23, height=19, samples=1, bits=32, format=3, compression=34887,
            masked=int((~mask).sum()))
    return out


def colours():
    """Stored pixels as GDAL shows them."""
    out = Blocks()
    for photometric, samples, extra in (('separated', 4, {}), ('cielab', 3, {}), ('ycbcr', 3, dict(subsampling=(1, 1)))):
        a = RNG.integers(0, 256, (16, 32, samples)).astype('u1')
        f = io.BytesIO()
        tifffile.imwrite(f, a, photometric=photometric, metadata=None, **extra)
        with MemoryFile(f.getvalue()) as m, m.open() as d:
            want = numpy.ascontiguousarray(d.read().transpose(1, 2, 0))
        number = dict(separated=5, cielab=8, ycbcr=6)[photometric]
        head = dict(width=32, height=16, samples=samples, compression=1, photometric=number, subsampling='1,1')
        out.add(f'{photometric} as GDAL {rasterio.__gdal_version__}', a.tobytes(), want, **head)
        out.add(f'{photometric} raw', a.tobytes(), a, raw=1, **head)
    return out


def packed():
    """Every packed depth as GDAL reads it, short floats, complex integers."""
    out = Blocks()
    rng = numpy.random.default_rng(7)

    def judge(tags, src):
        with MemoryFile(one_strip(13, 4, [*tags, (273, 4, [(0, 0)]), (278, 4, [4]), (279, 4, [len(src)])], src)) as m:
            with m.open() as d:
                return numpy.ascontiguousarray(d.read().transpose(1, 2, 0))

    for bits in range(1, 32):
        for samples in (1, 3):
            # TIFF 6.0, FillOrder: most significant bit first; a row begins on a byte. 24 bits are a number of three bytes.
            a = rng.integers(0, 2 ** bits, (4, 13, samples)).astype('u1' if bits <= 8 else '<u2' if bits <= 16 else '<u4')
            digits = (''.join(format(v, f'0{bits}b') for v in row.ravel()) for row in a)
            rows = [int(d.ljust(len(d) + -len(d) % 8, '0'), 2).to_bytes((len(d) + 7) // 8, 'big') for d in digits]
            src = a.tobytes() if bits in (8, 16) else b''.join(rows)
            tags = [(258, 3, [bits] * samples), (259, 3, [1]), (262, 3, [1 if samples == 1 else 2]), (277, 3, [samples])]
            want = judge(tags, src)
            if bits != 24:
                assert (want == a).all(), bits
            head = dict(width=13, height=4, samples=samples, bits=bits)
            out.add(f'{bits} bits x{samples}', src, want.astype(a.dtype), **head)
            if bits not in (8, 16):
                stored = imagecodecs.bitorder_encode(src)
                assert (judge([*tags, (266, 3, [2])], stored) == want).all(), bits
                out.add(f'{bits} bits x{samples}, FillOrder 2', stored, want.astype(a.dtype), fill=2, **head)
    a = (rng.standard_normal((4, 13)) * 100).astype('<f4')
    src = imagecodecs.float24_encode(a)
    out.add('24-bit floats', src, numpy.frombuffer(imagecodecs.float24_decode(src).tobytes(), '<f4'), width=13, height=4,
            samples=1, bits=24, format=3)
    half = numpy.concatenate([rng.integers(0, 65536, 47), [0, 0x8000, 1, 0x7c00, 0xfbff]]).astype('u2').reshape(4, 13)
    half[(half & 0x7c00 == 0x7c00) & (half & 0x3ff != 0)] = 0x3c00
    for order in '<>':
        out.add(f'16-bit floats {order}', half.astype(order + 'u2').tobytes(), half.view('f2').astype('<f4'), width=13,
                height=4, samples=1, bits=16, format=3, big=int(order == '>'))
    for size, most in ((2, 2 ** 15), (4, 2 ** 31)):
        re, im = rng.integers(-most, most, (2, 4, 13))
        src = numpy.stack([re, im], -1)
        # As rasterio hands both out.
        want = (re + 1j * im).astype('<c8')
        tags = [(258, 3, [16 * size]), (259, 3, [1]), (262, 3, [1]), (277, 3, [1]), (339, 3, [5])]
        assert (judge(tags, src.astype(f'<i{size}').tobytes())[..., 0] == want).all()
        for order in '<>':
            out.add(f'complex {8 * size}-bit integers {order}', src.astype(f'{order}i{size}').tobytes(), want, width=13,
                    height=4, samples=1, bits=16 * size, format=5, big=int(order == '>'))
    return out


def jpeg12():
    """12-bit JPEG as libjpeg-turbo decodes it."""
    out = Blocks()
    rng = numpy.random.default_rng(12)
    RNG.bit_generator.state = rng.bit_generator.state

    def picture(height, width, samples):
        smooth = 20 * texture(height, width, samples, 'u1').astype(int) + rng.integers(0, 99, (height, width, samples))
        rough = rng.integers(0, 4096, (height // 8 + 1, width // 8 + 1, samples)).repeat(8, 0).repeat(8, 1)
        mixed = numpy.where(rng.random((height, width, 1)) < 0.7, smooth, rough[:height, :width])
        return mixed.clip(0, 4095).astype('u2')

    def add(name, src, samples, photometric=1, raw=0, **decode):
        want = imagecodecs.jpeg8_decode(src, **decode)
        assert want.dtype == 'u2' and want.max() <= 4095
        out.add(name, src, want, width=want.shape[1], height=want.shape[0], samples=samples, bits=12, compression=7,
                photometric=photometric, raw=raw)

    for height, width in ((25, 35), (9, 2)):
        for sub in ('444', '422', '420', '440'):
            src = imagecodecs.jpeg8_encode(picture(height, width, 3), level=80, colorspace='RGB', outcolorspace='YCBCR',
                                           subsampling=sub, bitspersample=12)
            add(f'YCbCr {sub} of {width} x {height}', src, 3, 6)
            add(f'YCbCr {sub} of {width} x {height}, raw', src, 3, 6, 1, outcolorspace='YCBCR')
    src = imagecodecs.jpeg8_encode(picture(25, 35, 1)[..., 0].copy(), level=95, bitspersample=12)
    add('gray', src, 1)
    src = imagecodecs.jpeg8_encode(picture(25, 35, 3), level=80, colorspace='RGB', outcolorspace='RGB', bitspersample=12)
    add('RGB', src, 3, 2, colorspace='RGB', outcolorspace='RGB')
    src = imagecodecs.jpeg8_encode(picture(25, 35, 4), level=80, colorspace='CMYK', outcolorspace='CMYK', bitspersample=12)
    add('CMYK', src, 4, 5, 1, colorspace='CMYK', outcolorspace='CMYK')
    ycbcr = dict(colorspace='YCBCR', outcolorspace='YCBCR')
    for factors in ([(2, 2), (1, 1), (1, 1)], [(4, 1), (1, 1), (2, 1)]):
        add(f'factors {factors}', noise(21, 35, factors, precision=12), 3, **ycbcr)
        add(f'a scan each {factors}', noise(21, 35, factors, [[0], [1], [2]], 3, precision=12), 3, **ycbcr)
    return out


def jpeg_arithmetic():
    """Arithmetic coding: streams of Huffman codes that jpegtran codes anew, decoded by libjpeg-turbo."""
    out = Blocks()
    RNG.bit_generator.state = numpy.random.default_rng(9).bit_generator.state
    ycbcr = dict(colorspace='YCBCR', outcolorspace='YCBCR')

    def add(name, src, options=(), photometric=1, raw=0, rows=None, **decode):
        # Markers of JFIF and Adobe stay away as far as jpegtran lets them: here tags tell the colours.
        run = ['jpegtran', '-arithmetic', '-copy', 'none', *options]
        src = subprocess.run(run, input=src, stdout=subprocess.PIPE, check=True).stdout
        assert b'\xff\xc4' not in src and (b'\xff\xc9' in src or b'\xff\xca' in src), name
        want = imagecodecs.jpeg8_decode(src, **decode)
        height, width, samples = (*want.shape, 1)[:3]
        out.add(name, src, want[:rows], width=width, height=rows or height, samples=samples,
                bits=12 if want.dtype == 'u2' else 8, compression=7, photometric=photometric, raw=raw)

    def encode(height, width, samples, photometric, bits=8, **options):
        a = texture(height, width, samples, 'u1')
        a = a.astype('u2') * 20 if bits == 12 else a
        names = {1: {}, 2: dict(colorspace='RGB', outcolorspace='RGB'), 5: dict(colorspace='CMYK', outcolorspace='CMYK'),
                 6: dict(colorspace='RGB', outcolorspace='YCBCR')}[photometric]
        return imagecodecs.jpeg8_encode(a if samples > 1 else a[..., 0].copy(), level=80, bitspersample=bits, **names, **options)

    for bits in (8, 12):
        for sub in ('444', '422', '420', '440'):
            src = encode(18, 25, 3, 6, bits, subsampling=sub)
            add(f'YCbCr {sub} of {bits} bits', src, (), 6)
            if bits == 8 or sub == '420':
                add(f'YCbCr {sub} of {bits} bits, raw', src, (), 6, 1, outcolorspace='YCBCR')
                add(f'YCbCr {sub} of {bits} bits, progressive', src, ['-progressive'], 6)
        add(f'gray of {bits} bits', encode(18, 25, 1, 1, bits))
        add(f'RGB of {bits} bits', encode(18, 25, 3, 2, bits), (), 2, colorspace='RGB', outcolorspace='RGB')
        add(f'CMYK of {bits} bits', encode(18, 25, 4, 5, bits), (), 5, 1, colorspace='CMYK', outcolorspace='CMYK')
        add(f'RGB of {bits} bits, fewer rows than the stream', encode(18, 25, 3, 2, bits), (), 2, 0, 15,
            colorspace='RGB', outcolorspace='RGB')
        add(f'YCbCr 420 of {bits} bits, fewer rows than the stream', encode(18, 25, 3, 6, bits, subsampling='420'), (), 6,
            0, 16)
        add(f'restarts, {bits} bits', encode(18, 25, 3, 6, bits, subsampling='420'), ['-restart', '2B'], 6)
    for factors in ([(3, 1), (1, 1), (1, 1)], [(3, 2), (1, 1), (3, 1)], [(4, 1), (1, 1), (2, 1)]):
        add(f'factors {factors}', noise(18, 25, factors), **ycbcr)
        add(f'a scan each {factors}', noise(18, 25, factors, [[0], [1], [2]]), ['-progressive'], **ycbcr)
    return out


def one_strip(width, height, tags, *parts):
    """A little-endian TIFF. A tag is number, type and values; a tuple (part, offset) among them stands for the place of
    one of the parts, which follow the directory."""
    sizes = {3: 2, 4: 4, 5: 8}
    tags = sorted([(256, 4, [width]), (257, 4, [height]), *tags])
    place = lambda size: size + size % 2
    at = 14 + 12 * len(tags)
    outside = []
    for number, kind, values in tags:
        size = sizes[kind] * len(values)
        outside.append(at if size > 4 else None)
        at += place(size) if size > 4 else 0
    offsets = []
    for part in parts:
        offsets.append(at)
        at += place(len(part))
    entries, data = b'', b''
    for (number, kind, values), where in zip(tags, outside):
        values = [offsets[v[0]] + v[1] if isinstance(v, tuple) else v for v in values]
        form = {3: '<H', 4: '<I', 5: '<II'}[kind]
        packed = b''.join(struct.pack(form, v, 1) if kind == 5 else struct.pack(form, v) for v in values)
        entries += struct.pack('<HHI', number, kind, len(values))
        entries += packed.ljust(4, b'\0') if where is None else struct.pack('<I', where)
        data += b'' if where is None else packed + bytes(len(packed) % 2)
    parts = b''.join(part + bytes(len(part) % 2) for part in parts)
    return b'II*\0' + struct.pack('<IH', 8, len(tags)) + entries + bytes(4) + data + parts


def ccitt():
    """Streams of libtiff's encoder, whole and damaged, as GDAL reads them or not."""
    out = Blocks()
    rng, dots = random.Random(4), numpy.random.default_rng(4)
    names = {2: 'CCITTRLE', 3: 'CCITTFAX3', 4: 'CCITTFAX4'}

    def encode(a, compression):
        with MemoryFile() as m:
            with m.open(driver='GTiff', width=a.shape[1], height=a.shape[0], count=1, dtype='uint8', nbits=1,
                        compress=names[compression], blockysize=a.shape[0]) as d:
                d.write(a, 1)
            data = m.read()
        page = tifffile.TiffFile(io.BytesIO(data)).pages[0]
        return bytearray(data[page.dataoffsets[0]:][:page.databytecounts[0]])

    def judge(name, src, width, height, compression, options, fill):
        stored = src if fill == 1 else imagecodecs.bitorder_encode(src)
        tags = [(258, 3, [1]), (259, 3, [compression]), (262, 3, [0]), (266, 3, [fill]), (273, 4, [(0, 0)]), (277, 3, [1]),
                (278, 4, [height]), (279, 4, [len(src)]), ({3: 292}.get(compression, 293), 4, [options])]
        head = dict(width=width, height=height, bits=1, compression=compression, fill=fill, t4=options, t6=options)
        try:
            with MemoryFile(one_strip(width, height, tags, stored)) as m, m.open() as d:
                out.add(name, stored, d.read(1), **head)
        except rasterio.errors.RasterioIOError:
            out.add(name, stored, numpy.zeros(0, 'u1'), refused=1, **head)

    for i in range(260):
        width, height, compression = rng.choice([1, 7, 8, 31, 64, 100]), rng.randint(1, 9), rng.choice([2, 3, 4])
        a = (dots.random((height, width)) < rng.choice([0.02, 0.1, 0.5, 1])).astype('u1')
        if rng.random() < 0.5:
            a[1:] = numpy.where(dots.random((height - 1, width)) < 0.03, a[1:], a[:1])
        src = encode(a, compression)
        for _ in range(rng.choice([0, 1, 1, 2, 5])):
            src[rng.randrange(len(src))] ^= 1 << rng.randrange(8)
        damage = rng.random()
        if damage < 0.2:
            src = src[:rng.randrange(1, len(src) + 1)]
        elif damage < 0.3:
            src += bytes(rng.randrange(9))
        elif damage < 0.4:
            src[rng.randrange(len(src)):0] = rng.randbytes(5)
        height += rng.choice([0, 0, 0, 9])
        compression = rng.choice([compression] * 4 + [2, 3, 4])
        options = int(compression == 3 and rng.random() < 0.3)
        if compression == 2:
            # At the very end of a stream libtiff takes zeros that it adds for bits, and may misread the last row.
            src += bytes(2)
        judge(f'{i}: {names[compression]}', bytes(src), width, height, compression, options, rng.choice([1, 1, 2]))
    wide = (dots.random((3, 9000)) < 0.002).cumsum(1).astype('u1') % 2
    for compression in (2, 3, 4):
        judge(f'long runs {names[compression]}', bytes(encode(wide, compression)), 9000, 3, compression, 0, 1)
    return out


def chroma():
    """YCbCr in data units as GDAL shows it."""
    out = Blocks()
    rng = numpy.random.default_rng(6)
    # The 4 x 4 case is as wide as whole units: of others libtiff reads too few bytes.
    for (across, down), (width, height) in [((a, d), s) for a in (1, 2, 4) for d in (1, 2) for s in ((16, 8), (19, 5), (5, 3))] \
            + [((4, 4), (24, 7))]:
        src = rng.integers(0, 256, -(-width // across) * -(-height // down) * (across * down + 2), 'u1').tobytes()
        for black_white in (None, [15, 235, 128, 240, 128, 240]):
            tags = [(258, 3, [8] * 3), (259, 3, [1]), (262, 3, [6]), (273, 4, [(0, 0)]), (277, 3, [3]), (278, 4, [height]),
                    (279, 4, [len(src)]), (530, 3, [across, down])]
            head = dict(width=width, height=height, samples=3, photometric=6, subsampling=f'{across},{down}')
            if black_white:
                tags.append((532, 5, black_white))
                head['black_white'] = ','.join(map(str, black_white))
            with MemoryFile(one_strip(width, height, tags, src)) as m, m.open() as d:
                want = numpy.ascontiguousarray(d.read().transpose(1, 2, 0))
            out.add(f'{across} x {down}, {width} x {height}', src, want, **head)
    return out


def old_jpeg():
    """Old-style JPEG in its several forms, as a GDAL with that part of libtiff reads it."""
    out = Blocks()
    RNG.bit_generator.state = numpy.random.default_rng(6).bit_generator.state

    def segments(stream):
        at, found = 2, []
        while True:
            marker, size = stream[at + 1], int.from_bytes(stream[at + 2:at + 4], 'big')
            found.append((marker, at, stream[at + 4:at + 2 + size]))
            at += 2 + size
            if marker == 0xda:
                return found, at

    def gdal(tiff):
        with tempfile.TemporaryDirectory() as folder:
            with open(f'{folder}/a.tif', 'wb') as f:
                f.write(tiff)
            run = ['gdal_translate', '-q', '-co', 'INTERLEAVE=BIP', '-of', 'ENVI', f'{folder}/a.tif', f'{folder}/a.bin']
            subprocess.run(run, check=True, stderr=subprocess.DEVNULL)
            with open(f'{folder}/a.bin', 'rb') as f:
                return numpy.frombuffer(f.read(), 'u1')

    def add(name, tags, part, strip, want, sub, interchange=b'', tables=((), (), ())):
        pick = lambda at, size: part[at:at + size]
        parts = [interchange] + [pick(t[i], size) if i < len(t) else b'' for t, size in zip(tables, (64, 272, 272)) for i in range(3)]
        parts.append(strip)
        packed = b''.join(struct.pack('<I', len(p)) + p for p in parts)
        out.add(name, strip, want, packed, width=width, height=height, samples=3, compression=6, photometric=6,
                subsampling=f'{sub[0]},{sub[1]}')

    width, height = 37, 21
    for sub, name in (((2, 2), '420'), ((2, 1), '422'), ((1, 1), '444')):
        a = texture(height, width, 3, 'u1')
        stream = imagecodecs.jpeg8_encode(a, level=80, colorspace='RGB', outcolorspace='YCBCR', subsampling=name)
        found, data = segments(stream)
        # Huffman and quantisation tables one by one, as the tags have them: without length and number.
        quantisation, huffman = {}, {}
        for marker, at, body in found:
            while marker == 0xdb and body:
                quantisation[body[0]], body = body[1:65], body[65:]
            while marker == 0xc4 and body:
                size = 17 + sum(body[1:17])
                huffman[body[0]], body = body[1:size], body[size:]
        entropy = stream[data:-2]
        base = [(258, 3, [8] * 3), (259, 3, [6]), (262, 3, [6]), (277, 3, [3]), (278, 4, [height]), (512, 3, [1]),
                (530, 3, list(sub))]
        part, places = b'', {}
        for key, table in [*quantisation.items(), *((16 + k, v) for k, v in huffman.items())]:
            places[key] = len(part)
            part += table
        numbers = [0, 1, 1]
        tables = ([places[n] for n in numbers], [places[16 + n] for n in numbers], [places[32 + n] for n in numbers])
        tags = base + [(273, 4, [(1, 0)]), (279, 4, [len(entropy)])]
        tags += [(519 + i, 4, [(0, at) for at in t]) for i, t in enumerate(tables)]
        want = gdal(one_strip(width, height, tags, part, entropy))
        add(f'tables by tags {name}', tags, part, entropy, want, sub, tables=tables)
        tags = base + [(273, 4, [(0, data)]), (279, 4, [len(entropy)]), (513, 4, [(0, 0)]), (514, 4, [len(stream)])]
        assert (gdal(one_strip(width, height, tags, stream)) == want).all()
        add(f'a whole stream beside the strip {name}', tags, b'', entropy, want, sub, interchange=stream)
        scan = found[-1][1]
        tags = base + [(273, 4, [(1, 0)]), (279, 4, [len(stream) - scan]), (513, 4, [(0, 0)]), (514, 4, [scan])]
        assert (gdal(one_strip(width, height, tags, stream[:scan], stream[scan:])) == want).all()
        add(f'header apart, scan header in the strip {name}', tags, b'', stream[scan:], want, sub, interchange=stream[:scan])
        tags = base + [(273, 4, [(0, 0)]), (279, 4, [len(stream)])]
        assert (gdal(one_strip(width, height, tags, stream)) == want).all()
        add(f'a whole stream in the strip {name}', tags, b'', stream, want, sub)
    return out


makers = (matrix, jpeg, pictures, colours, packed, jpeg_kinds, jpeg12, jpeg_arithmetic, ccitt, chroma, old_jpeg)
for make in makers:
    if not sys.argv[1:] or make.__name__ in sys.argv[1:]:
        make().save(make.__name__ + '.blocks')
