//! Arrays as pictures: formats by ending, ranges, colours.

use std::fs;
use std::path::{Path, PathBuf};

use cog_testkit::Corpus;
use cog_testkit::npy::Npy;

use crate::command;

const RGB: &str = "deflate_p2_uint8_rgb.tif";
const UINT16: &str = "cog_deflate_uint16_mask.tif";

fn testdata(name: &str) -> String {
    let all = Corpus::testdata().files().unwrap();
    let file = all.into_iter().find(|f| f.name() == name).unwrap_or_else(|| panic!("{name} is not in testdata/files"));
    file.path.to_str().unwrap().to_owned()
}

/// A folder for outputs.
struct Outputs(tempfile::TempDir);

impl Outputs {
    fn new() -> Outputs {
        Outputs(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Runs `cog … -o NAME`.
    #[track_caller]
    fn write(&self, name: &str, arguments: &[&str]) -> PathBuf {
        let path = self.path(name);
        let end = command::run([arguments, &["-o", path.to_str().unwrap()]].concat());
        assert!(end.is_success(), "{arguments:?}: {}", command::failure(&end));
        path
    }

    #[track_caller]
    fn refused(&self, name: &str, arguments: &[&str], code: i32, words: &[&str]) {
        let path = self.path(name);
        let end = command::run([arguments, &["-o", path.to_str().unwrap()]].concat());
        assert_eq!(end.code, Some(code), "{arguments:?}: {}", command::failure(&end));
        for word in words {
            assert!(end.stderr.contains(word), "no {word:?} in {:?}", end.stderr);
        }
        assert!(code == 2 || end.stderr.lines().count() == 1, "{:?}", end.stderr);
        assert!(!path.exists());
    }
}

/// Columns, rows, channels, and the bytes of a PNG; of 16 bits big-endian.
pub(crate) fn png(path: &Path) -> (usize, usize, usize, Vec<u8>) {
    let decoder = png::Decoder::new(std::io::BufReader::new(fs::File::open(path).unwrap()));
    let mut reader = decoder.read_info().unwrap();
    let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut bytes).unwrap();
    bytes.truncate(info.buffer_size());
    (info.width as usize, info.height as usize, info.color_type.samples(), bytes)
}

fn webp(path: &Path) -> (usize, usize, usize, Vec<u8>) {
    let mut decoder = image_webp::WebPDecoder::new(std::io::BufReader::new(fs::File::open(path).unwrap())).unwrap();
    let (width, height) = decoder.dimensions();
    let mut bytes = vec![0; decoder.output_buffer_size().unwrap()];
    decoder.read_image(&mut bytes).unwrap();
    (width as usize, height as usize, if decoder.has_alpha() { 4 } else { 3 }, bytes)
}

/// Samples of a band-sequential array, pixel by pixel.
fn interleaved(bytes: &[u8], bands: usize) -> Vec<u8> {
    let size = bytes.len() / bands;
    (0..size).flat_map(|pixel| (0..bands).map(move |band| bytes[band * size + pixel])).collect()
}

#[test]
fn a_picture_without_loss_has_the_samples_of_the_array() {
    let outputs = Outputs::new();
    let file = testdata(RGB);
    let array = Npy::open(&outputs.write("a.npy", &["read", &file])).unwrap();
    let samples = interleaved(&array.bytes().unwrap(), 3);
    assert_eq!(png(&outputs.write("a.png", &["read", &file])), (75, 80, 3, samples.clone()));
    assert_eq!(webp(&outputs.write("a.webp", &["read", &file])), (75, 80, 3, samples));
}

#[test]
fn sixteen_bits_stay_sixteen_bits_and_holes_are_transparent() {
    let outputs = Outputs::new();
    let file = testdata(UINT16);
    let mask = outputs.path("mask.npy");
    let array = outputs.write("a.npy", &["read", &file, "--mask", mask.to_str().unwrap()]);
    let (array, mask) = (Npy::open(&array).unwrap().bytes().unwrap(), Npy::open(&mask).unwrap().bytes().unwrap());
    assert!(mask.contains(&0) && mask.contains(&255));
    let (width, height, channels, bytes) = png(&outputs.write("a.png", &["read", &file]));
    assert_eq!((width, height, channels), (150, 140, 2));
    for ((pixel, little), valid) in bytes.chunks_exact(4).zip(array.chunks_exact(2)).zip(&mask) {
        assert_eq!(pixel, [little[1], little[0], *valid, *valid]);
    }
    outputs.refused("a.webp", &["read", &file], 1, &["WebP cannot hold uint16", "--rescale"]);
}

#[test]
fn what_a_picture_cannot_hold_is_one_line_that_says_what_to_do() {
    let outputs = Outputs::new();
    let float = testdata("cog_zstd_p3_float32_nodata_nan.tif");
    outputs.refused("a.png", &["read", &float], 1, &["PNG cannot hold float32 samples", "--rescale MIN,MAX"]);
    outputs.refused("a.png", &["read", &testdata(RGB), "--bands", "1,2"], 1, &["1 band or 3", "--bands"]);
    outputs.refused("a.png", &["read", &float, "--rescale", "0,1", "--rescale", "0,2"], 1, &["2 times"]);
    outputs.refused("a.png", &["read", &float, "--colormap", "viridis"], 1, &["0 to 255", "--rescale MIN,MAX"]);
    outputs.refused("a.png", &["read", &testdata(RGB), "--colormap", "viridis"], 1, &["one band", "--bands"]);
}

#[test]
fn an_ending_that_is_not_written_is_refused_with_those_that_are() {
    let outputs = Outputs::new();
    let file = testdata(RGB);
    for verb in ["read", "preview"] {
        for name in ["a.gif", "a.npz", "a.png.part"] {
            outputs.refused(name, &[verb, &file], 2, &[".npy, .tif, ", ".webp"]);
        }
    }
    outputs.refused("a.gif", &["tile", &file, "0", "0", "0"], 2, &[".png"]);
    outputs.refused("a.npy", &["read", &file, "--format", "png"], 2, &["only as .png (PNG)"]);
    outputs.refused("a", &["read", &file, "--format", "gif"], 2, &["npy, tif, png", "webp"]);
}

#[test]
fn standard_output_is_what_format_says() {
    let file = testdata(RGB);
    for (arguments, start) in [
        (&["read", &file, "-o", "-"][..], &b"\x93NUMPY"[..]),
        (&["read", &file, "-o", "-", "--format", "png"], b"\x89PNG"),
        (&["read", &file, "-o", "-", "--format", "webp"], b"RIFF"),
        (&["preview", &file, "-o", "-"], b"\x89PNG"),
        (&["preview", &file, "-o", "-", "--format", "npy"], b"\x93NUMPY"),
    ] {
        let end = command::cog().args(arguments).output().unwrap();
        assert!(end.status.success() && end.stdout.starts_with(start), "{arguments:?}: {:?}", end.status);
    }
    let outputs = Outputs::new();
    let path = outputs.write("plain", &["read", &file, "--format", "png"]);
    assert!(fs::read(path).unwrap().starts_with(b"\x89PNG"));
}

#[test]
fn a_palette_is_drawn_in_its_own_colours() {
    let outputs = Outputs::new();
    let file = testdata("palette_lzw.tif");
    let info = command::info(file.as_ref()).unwrap();
    let numbers = Npy::open(&outputs.write("a.npy", &["read", &file])).unwrap().bytes().unwrap();
    let (_, _, channels, bytes) = png(&outputs.write("a.png", &["read", &file]));
    for (pixel, number) in bytes.chunks_exact(channels).zip(&numbers) {
        let color = &info["colormap"][number.to_string()];
        let expected: Vec<u64> = color.as_array().unwrap().iter().take(3).map(|v| v.as_u64().unwrap()).collect();
        assert_eq!(pixel.iter().take(3).map(|v| u64::from(*v)).collect::<Vec<_>>(), expected, "{number}");
    }
}

#[test]
fn ranges_and_colours_make_arrays_too() {
    let outputs = Outputs::new();
    let file = testdata(UINT16);
    let plain = Npy::open(&outputs.write("a.npy", &["read", &file])).unwrap().bytes().unwrap();
    let scaled = Npy::open(&outputs.write("b.npy", &["read", &file, "--rescale", "100,1100"])).unwrap();
    assert_eq!((scaled.descr.as_str(), &scaled.shape[..]), ("|u1", &[1, 140, 150][..]));
    let bytes = scaled.bytes().unwrap();
    for (byte, sample) in bytes.iter().zip(plain.chunks_exact(2)) {
        let sample = f64::from(u16::from_le_bytes([sample[0], sample[1]]));
        let expected = ((sample - 100.0) / 1000.0 * 255.0).clamp(0.0, 255.0);
        assert!((f64::from(*byte) - expected).abs() <= 0.5, "{sample}: {byte} is not {expected}");
    }
    let mask = outputs.path("mask.npy");
    let arguments =
        ["read", &file, "--rescale", "60000,65535", "--colormap", "viridis", "--mask", mask.to_str().unwrap()];
    let painted = Npy::open(&outputs.write("c.npy", &arguments)).unwrap();
    assert_eq!(painted.shape, [3, 140, 150]);
    let mask = Npy::open(&mask).unwrap().bytes().unwrap();
    let low = |sample: &[u8]| u16::from_le_bytes([sample[0], sample[1]]) < 60000;
    let at = plain.chunks_exact(2).zip(&mask).position(|(sample, valid)| low(sample) && *valid > 0).unwrap();
    let colors = painted.bytes().unwrap();
    let size = 140 * 150;
    assert_eq!([colors[at], colors[size + at], colors[2 * size + at]], [68, 1, 84], "matplotlib's viridis of 0");
}

#[test]
fn files_of_colours_are_those_of_gdaldem_and_rio_tiler() {
    let outputs = Outputs::new();
    let file = testdata("lzw_uint8_strips.tif");
    let numbers = Npy::open(&outputs.write("a.npy", &["read", &file])).unwrap().bytes().unwrap();
    let [first, other] = [numbers[0], *numbers.iter().find(|number| **number != numbers[0]).unwrap()];
    let relief = outputs.path("colors.txt");
    fs::write(&relief, format!("{first} 10 20 30\n{other} 40 50 60\n")).unwrap();
    let json = outputs.path("colors.json");
    fs::write(&json, format!("{{\"{first}\": \"#0a141e\", \"{other}\": [40, 50, 60, 255]}}")).unwrap();
    for colors in [relief, json] {
        let (.., channels, bytes) =
            png(&outputs.write("a.png", &["read", &file, "--colormap", colors.to_str().unwrap()]));
        for (pixel, number) in bytes.chunks_exact(channels).zip(&numbers) {
            if *number == first || *number == other {
                let expected = if *number == first { [10, 20, 30] } else { [40, 50, 60] };
                assert_eq!(pixel[..3], expected, "{}", colors.display());
            }
        }
    }
    let wrong = outputs.path("wrong.txt");
    fs::write(&wrong, "0 1 2\n").unwrap();
    outputs.refused("b.png", &["read", &file, "--colormap", wrong.to_str().unwrap()], 2, &["line 1"]);
    outputs.refused("b.png", &["read", &file, "--colormap", "no-such"], 2, &["viridis, plasma", "_r"]);
}

#[test]
fn tiles_mosaics_and_items_are_drawn_too() {
    let outputs = Outputs::new();
    let file = testdata("cog_web_mercator.tif");
    let (width, height, ..) = png(&outputs.write("m.png", &["mosaic", &file, "--bands", "1", "--rescale", "0,255"]));
    assert!(width > 1 && height > 1);
    let item = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/stac/item-1.0.json");
    let item = item.to_str().unwrap();
    let stac = ["stac", item, "--assets", "red", "--rescale", "0,10000", "--colormap", "magma"];
    assert_eq!(webp(&outputs.write("s.webp", &stac)).0, 150);
    let refused = ["stac", item, "--rescale", "0,1"];
    assert_eq!(command::run(refused).code, Some(2), "only with -o");
}

/// Columns, rows, channels and samples, by zune-jpeg.
fn jpeg(path: &Path) -> (usize, usize, usize, Vec<u8>) {
    use zune_core::bytestream::ZCursor;
    use zune_core::colorspace::ColorSpace;
    use zune_core::options::DecoderOptions;

    let bytes = fs::read(path).unwrap();
    let gray = bytes.windows(4).any(|mark| mark[..2] == [0xff, 0xc0]) && {
        let frame = bytes.windows(2).position(|mark| mark == [0xff, 0xc0]).unwrap();
        bytes[frame + 9] == 1
    };
    let colors = if gray { ColorSpace::Luma } else { ColorSpace::RGB };
    let options = DecoderOptions::default().jpeg_set_out_colorspace(colors);
    let mut decoder = zune_jpeg::JpegDecoder::new_with_options(ZCursor::new(&bytes), options);
    let samples = decoder.decode().unwrap();
    let (width, height) = decoder.dimensions().unwrap();
    (width, height, if gray { 1 } else { 3 }, samples)
}

/// How far samples are from each other, on average.
fn distance(one: &[u8], other: &[u8]) -> f64 {
    assert_eq!(one.len(), other.len());
    one.iter().zip(other).map(|(a, b)| f64::from(a.abs_diff(*b))).sum::<f64>() / one.len() as f64
}

#[test]
fn formats_that_lose_something_stay_near() {
    let outputs = Outputs::new();
    let file = testdata("cog_deflate_p2_uint8_rgb.tif");
    let (width, height, _, samples) = png(&outputs.write("a.png", &["read", &file]));
    let (w, h, channels, lossy) = jpeg(&outputs.write("a.jpg", &["read", &file, "--quality", "95"]));
    assert_eq!((w, h, channels), (width, height, 3));
    let good = distance(&samples, &lossy);
    let (.., lossy) = jpeg(&outputs.write("b.jpeg", &["read", &file, "--quality", "5"]));
    let bad = distance(&samples, &lossy);
    assert!(good < 6.0 && bad > good, "{good} and {bad}");
    let (.., lossy) = webp(&outputs.write("a.webp", &["read", &file, "--quality", "95"]));
    assert!(lossy != samples && distance(&samples, &lossy) < 6.0);
    let (.., channels, _) = jpeg(&outputs.write("c.jpg", &["read", &file, "--bands", "2"]));
    assert_eq!(channels, 1);
    outputs.refused("e.jpg", &["read", &testdata(UINT16)], 1, &["JPEG cannot hold uint16", "--rescale MIN,MAX"]);
    // JPEG has no transparency.
    let mask = outputs.path("mask.npy");
    let arguments = ["read", &testdata(UINT16), "--rescale", "0,1", "--mask", mask.to_str().unwrap()];
    let (.., shades) = jpeg(&outputs.write("d.jpg", &arguments));
    let mask = Npy::open(&mask).unwrap().bytes().unwrap();
    assert!(distance(&shades, &mask) < 10.0, "black where there is no data");
}
