//! World files (`.tfw`, `.tifw`, `.wld`): six numbers, one a line, that tie an image to coordinates.

use crate::gdal::number;
use crate::geo::GeoTransform;

/// GDAL refuses a file with a longer line, and reads no more lines than this.
const LONGEST_LINE: usize = 100;
const MOST_LINES: usize = 100;

/// The transform of a world file, as GDAL reads it: the first six lines that are not blank, of each the number at its start.
/// They place the centre of the top left pixel; the transform speaks of its corner. `None` if there are fewer lines, one is
/// too long, or the numbers flatten the image to a line.
///
/// ```
/// let transform = cog_tiff::world_file("10\n0\n0\n-10\n105\n195\n").unwrap();
/// assert_eq!(transform.to_array(), [10.0, 0.0, 100.0, 0.0, -10.0, 200.0]);
/// ```
pub fn world_file(text: &str) -> Option<GeoTransform> {
    let mut numbers = Vec::new();
    for line in text.split(['\n', '\r']).filter(|line| !line.is_empty()).take(MOST_LINES) {
        if line.len() > LONGEST_LINE {
            return None;
        }
        if !line.trim().is_empty() && numbers.len() < 6 {
            numbers.push(number::leading(line).value);
        }
    }
    let [a, d, b, e, x, y] = <[f64; 6]>::try_from(numbers).ok()?;
    if (a == 0.0 && b == 0.0) || (e == 0.0 && d == 0.0) {
        return None;
    }
    Some(GeoTransform { a, b, c: x, d, e, f: y }.translated(-0.5, -0.5))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<[f64; 6]> {
        world_file(text).map(|t| t.to_array())
    }

    /// What rasterio 1.4.4 (GDAL 3.10.3) reads of the same files.
    #[test]
    fn world_files_are_read_as_gdal_reads_them() {
        let rotated = Some([10.0, 2.0, 94.0, 1.0, -20.0, 209.5]);
        let plain = "10\n1\n2\n-20\n100\n200\n";
        for text in [
            plain.to_string(),
            plain.trim_end().to_string(),
            format!("\n{plain}"),
            format!("{plain}5\n"),
            format!("{plain}  \n\n"),
            plain.replace('\n', "\r\n"),
            plain.replace('\n', "\r"),
            "10 m\n1x\n2\n-20\n100\n200\n".to_string(),
        ] {
            assert_eq!(read(&text), rotated, "{text:?}");
        }
        assert_eq!(read("10,5\n1\n2\n-20\n100,25\n200\n"), Some([10.5, 2.0, 94.0, 1.0, -20.0, 209.5]));
        assert_eq!(read("0\n5\n5\n0\n100\n200\n"), Some([0.0, 5.0, 97.5, 5.0, 0.0, 197.5]));
        let long = format!("10{}\n1\n2\n-20\n100\n200\n", " ".repeat(150));
        let flat = ["0\n0\n0\n-20\n100\n200\n", "10\n0\n0\n0\n100\n200\n", "a\nb\nc\nd\ne\nf\n"];
        for text in flat.into_iter().chain(["", "10 1 2 -20 100 200\n", "10\n1\n2\n-20\n100\n", long.as_str()]) {
            assert_eq!(read(text), None, "{text:?}");
        }
    }
}
