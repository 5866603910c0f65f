//! Where the tiles of a file lie, without reading the file: `file FILE`. Only the bytes that the parser asks for are read, a few
//! kilobytes whatever the size of the file.
#![allow(clippy::print_stdout, reason = "an example prints")]

use std::error::Error;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::ops::Range;

use cog_tiff::{BlockTable, Fragments, Image, Limits, Lookup, Parser, Progress, Stop, Tiff};

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args_os().nth(1).ok_or("usage: file FILE")?;
    print!("{}", first_blocks(&mut File::open(path)?)?);
    Ok(())
}

/// A line for each IFD: its size and where its first block lies.
pub fn first_blocks(file: &mut (impl Read + Seek)) -> Result<String, Box<dyn Error>> {
    let mut known = Fragments::new(Some(file.seek(SeekFrom::End(0))?));
    // `Tiff::read` does the same in one call; here the bytes that were read stay at hand for the tables.
    let mut parser = Parser::new(Limits::default());
    while let Progress::Need(ranges) = parser.advance(&known)? {
        fetch(file, &mut known, &ranges)?;
    }
    let tiff: Tiff = parser.finish()?;
    let mut text = String::new();
    for (number, ifd) in tiff.ifds().iter().enumerate() {
        let image = Image::of(ifd)?;
        let table = BlockTable::of(ifd, &image)?;
        let block = answer(file, &mut known, |known| table.location(known, 0))?;
        let place = match block.is_sparse() {
            true => "not written".to_owned(),
            false => format!("{} bytes at {}", block.length, block.offset),
        };
        text += &format!(
            "IFD {number}: {} × {}, {} blocks, the first: {place}\n",
            image.width,
            image.height,
            table.block_count()
        );
    }
    Ok(text)
}

/// Asks, fetches what is still needed, and asks again.
fn answer<T>(
    file: &mut (impl Read + Seek),
    known: &mut Fragments,
    ask: impl Fn(&Fragments) -> Lookup<T>,
) -> Result<T, Box<dyn Error>> {
    loop {
        match ask(known) {
            Ok(value) => return Ok(value),
            Err(Stop::Need(ranges)) => fetch(file, known, &ranges)?,
            Err(Stop::Failed(error)) => return Err(error.into()),
        }
    }
}

fn fetch(file: &mut (impl Read + Seek), known: &mut Fragments, ranges: &[Range<u64>]) -> Result<(), Box<dyn Error>> {
    for range in ranges {
        let mut bytes = Vec::new();
        file.seek(SeekFrom::Start(range.start))?;
        let came = file.take(range.end - range.start).read_to_end(&mut bytes)? as u64;
        if came < range.end - range.start {
            return Err(format!("the file ends at {}, {} is needed", range.start + came, range.end).into());
        }
        known.insert(range.start, bytes);
    }
    Ok(())
}
