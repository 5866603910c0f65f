//! What BENCHMARKS.md begins with: the tables below it in a few lines. It is made of the tables, so that it cannot say
//! anything else.

use std::fmt::Write;

use super::section;

/// Tasks of the table of requests that the summary repeats.
const TASKS: [&str; 6] = [
    "open a COG",
    "open, one tile",
    "open, window of 2000 × 2000",
    "open 10 million tiles",
    "open, IFDs at the end",
    "open 200 COGs at once",
];

/// Tables of warps, by their headings.
const WARPS: [(&str, &str); 4] = [
    ("arrays warped", "Arrays, 4096 × 4096 source pixels at once"),
    ("arrays warped into tiles", "Arrays, tiles of 256 × 256: the time of one"),
    ("files warped", "Files, 4096 × 4096 pixels at once"),
    ("files warped into tiles", "Files, tiles of 256 × 256: the time of one"),
];

/// The rows of a table in Markdown, its head first.
type Table<'a> = Vec<Vec<&'a str>>;

/// The summary of what the other sections of `text` say.
pub(super) fn summary(text: &str) -> String {
    let mut summary = String::from(
        "## In short\n\n\
         cog-read beside the readers that people use today, on the same files in the same run, on one machine with two cores. GDAL \
         is called through rasterio. Every section below says what was measured, how, and with which versions; the commands repeat it.\n",
    );
    let decode = section(text, "decode").unwrap_or_default();
    let read = section(text, "read").unwrap_or_default();
    let mut speeds = Vec::new();
    for heading in ["1 thread", "2 threads"] {
        let table = table(decode, heading);
        let names = ["÷ GDAL", "÷ tifffile", "÷ async-tiff"];
        speeds.push((format!("whole images, {heading}"), names.map(|name| range(&column(&table, name)))));
    }
    for heading in ["1 thread", "2 threads"] {
        let gdal = range(&column(&table(read, heading), "ratio"));
        speeds.push((format!("resampled to another size, {heading}"), [gdal, None, None]));
    }
    let warp = section(text, "warp").unwrap_or_default();
    for (what, heading) in WARPS {
        for threads in ["1 thread", "2 threads"] {
            let gdal = range(&column(&table(warp, heading), &format!("ratio, {threads}")));
            speeds.push((format!("{what}, {threads}"), [gdal, None, None]));
        }
    }
    let encode = column(&table(section(text, "encode").unwrap_or_default(), "Blocks"), "÷ libtiff");
    speeds.push(("blocks encoded, 1 thread".to_owned(), [range(&encode), None, None]));
    let convert = section(text, "convert").unwrap_or_default();
    for heading in ["1 thread", "2 threads"] {
        let gdal = range(&column(&table(convert, heading), "÷ GDAL"));
        speeds.push((format!("files made into COGs, {heading}"), [gdal, None, None]));
    }
    speeds.retain(|(_, ranges)| ranges.iter().any(Option::is_some));
    if !speeds.is_empty() {
        summary.push_str(
            "\n**Speed.** How many times as fast cog-read reads files on disk, compressed in the usual ways, cog-warp brings them, or arrays, \
             into another CRS, cog-codecs encodes blocks and `cog convert` makes COGs: the least, the middle and the most of all rows.\n\n\
             | | GDAL | tifffile | async-tiff |\n|---|--:|--:|--:|\n",
        );
        for (what, ranges) in speeds {
            let [gdal, tifffile, async_tiff] = ranges.map(|range| range.unwrap_or_else(|| "–".to_owned()));
            _ = writeln!(summary, "| {what} | {gdal} | {tifffile} | {async_tiff} |");
        }
    }
    let peaks = column(&table(decode, "Two threads against one, and memory"), "peak memory above the output, MiB");
    if let Some(peak) = peaks.iter().copied().max_by(f64::total_cmp) {
        _ = writeln!(
            summary,
            "\n**Memory.** Beside the array that it fills, a read of a whole image held at most {peak:.0} MiB."
        );
    }
    let requests = section(text, "requests").unwrap_or_default();
    let table = table(requests, "Requests");
    let told: Vec<_> = table.iter().filter(|row| row.first().is_some_and(|task| TASKS.contains(task))).collect();
    if let (Some(head), false) = (table.first(), told.is_empty()) {
        summary.push_str(
            "\n**Requests.** What reading over HTTP takes where each answer is 40 ms away: requests · bytes · time. More of the tasks \
             stand below.\n\n",
        );
        _ = writeln!(summary, "| {} |\n|{}", head.join(" | "), "---|".repeat(head.len()));
        for row in told {
            _ = writeln!(summary, "| {} |", row.join(" | "));
        }
    }
    summary.push_str(
        "\nWhat these numbers leave out: other machines and real networks, files larger than memory, and what a program does with the \
         pixels. Rows in which another reader is faster, or asks less often, stand in the tables like all others.\n",
    );
    summary
}

/// The first table below a heading.
fn table<'a>(section: &'a str, heading: &str) -> Table<'a> {
    let below =
        section.lines().skip_while(|line| line.trim_start_matches('#').trim() != heading || !line.starts_with('#'));
    let lines = below.skip_while(|line| !line.starts_with('|')).take_while(|line| line.starts_with('|'));
    lines
        .filter(|line| !line.starts_with("|---"))
        .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
        .collect()
}

/// The numbers below a name.
fn column(table: &Table<'_>, name: &str) -> Vec<f64> {
    let Some((head, rows)) = table.split_first() else { return Vec::new() };
    let Some(at) = head.iter().position(|cell| *cell == name) else { return Vec::new() };
    rows.iter().filter_map(|row| row.get(at)?.parse().ok()).collect()
}

/// Least, middle and most.
fn range(numbers: &[f64]) -> Option<String> {
    let mut sorted = numbers.to_vec();
    sorted.sort_by(f64::total_cmp);
    let (least, middle, most) = (sorted.first()?, sorted.get(sorted.len() / 2)?, sorted.last()?);
    Some(format!("{least:.2} – **{middle:.2}** – {most:.2}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# Benchmarks\n\n<!-- decode -->\n## Decoding\n\n### 1 thread\n\n| input | cog-read | ÷ GDAL |\n|---|--:|--:|\n\
        | a | 10 | 1.50 |\n| b | 20 | 0.90 |\n| c | 5 | – |\n| d | 6 | 2.25 |\n<!-- /decode -->\n\n<!-- requests -->\n## Requests\n\n\
        | task | cog-read |\n|---|---|\n| open a COG | 1 · 32 KiB · 42 ms |\n| something else | 2 |\n<!-- /requests -->\n";

    #[test]
    fn it_tells_least_middle_and_most_of_a_column() {
        let summary = summary(TEXT);
        assert!(summary.contains("| whole images, 1 thread | 0.90 – **1.50** – 2.25 | – | – |"), "{summary}");
        assert!(!summary.contains("2 threads") && !summary.contains("Memory"), "{summary}");
    }

    #[test]
    fn it_repeats_the_tasks_that_most_programs_do() {
        let summary = summary(TEXT);
        assert!(summary.contains("| task | cog-read |\n|---|---|\n| open a COG | 1 · 32 KiB · 42 ms |\n"), "{summary}");
        assert!(!summary.contains("something else"), "{summary}");
    }
}
