//! Bytes of any object by range, and how few requests bring them: `ranges LOCATION START..END…`.
#![allow(clippy::print_stdout, reason = "an example prints")]

use std::error::Error;
use std::ops::Range;

use cog_io::{Config, Location, Session};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let location = arguments.next().ok_or("usage: ranges LOCATION START..END…")?;
    let ranges = arguments.map(|text| parse(&text)).collect::<Result<Vec<_>, _>>()?;
    print!("{}", read(&location, &ranges).await?);
    Ok(())
}

fn parse(text: &str) -> Result<Range<u64>, Box<dyn Error>> {
    let (start, end) = text.split_once("..").ok_or("a range is START..END")?;
    Ok(start.parse()?..end.parse()?)
}

/// A line for each range, and what they cost together.
pub async fn read(location: &str, ranges: &[Range<u64>]) -> cog_io::Result<String> {
    let session = Session::new(Config::from_env()?);
    let source = session.open(&Location::parse(location)?).await?;
    // The first read brings size and version too: there is no HEAD.
    let first = source.read_first(16).await?;
    let mut text = format!("{}, begins with {:?}\n", size(source.size()), &first[..]);
    // Neighbours share a request, and requests run side by side.
    for (range, bytes) in ranges.iter().zip(source.read_ranges(ranges).await?) {
        text += &format!("{range:?}: {} bytes\n", bytes.len());
    }
    let stats = source.stats();
    text += &format!("{} requests, {} bytes\n", stats.requests, stats.bytes);
    Ok(text)
}

fn size(size: Option<u64>) -> String {
    size.map_or_else(|| "size unknown".to_owned(), |size| format!("{size} bytes"))
}
