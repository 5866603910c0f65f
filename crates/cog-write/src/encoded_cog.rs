//! A COG that was encoded and is to be written.

use std::io::{self, Read, Write};
use std::sync::{Mutex, PoisonError};

use cog_tiff::Variant;

use crate::layout::piece::{Piece, pieces};
use crate::layout::{self, BlockAt, Layout, Level};
use crate::run::Blocks;
use crate::source::{EncodedBlock, Source};
use crate::spool::Spool;

/// A COG that was encoded: its size is known, and all that is left is to write it.
pub struct EncodedCog<'a> {
    pub(crate) source: &'a dyn Source,
    pub(crate) layout: Layout,
    pub(crate) levels: Vec<Level>,
    pub(crate) blocks: Vec<Blocks>,
    /// How many levels are copied from the source as the file is written.
    pub(crate) at_hand: usize,
    pub(crate) spool: Spool,
}

impl std::fmt::Debug for EncodedCog<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EncodedCog").field("layout", &self.layout).finish_non_exhaustive()
    }
}

impl EncodedCog<'_> {
    /// Bytes of the file.
    pub fn size(&self) -> u64 {
        self.layout.size()
    }

    /// Bytes before the first block: what a reader needs to know where everything lies.
    pub fn header_size(&self) -> u64 {
        self.layout.head().len() as u64
    }

    /// True for BigTIFF.
    pub fn is_big_tiff(&self) -> bool {
        self.layout.variant() == Variant::Big
    }

    /// Bytes of the temporary file; 0 if all blocks are in memory.
    pub fn spooled_bytes(&self) -> u64 {
        self.spool.file_bytes()
    }

    /// Width and height of each level, full resolution first.
    pub fn sizes(&self) -> Vec<(u32, u32)> {
        self.blocks.iter().map(|blocks| (blocks.grid.width, blocks.grid.height)).collect()
    }

    /// Writes the file from its first byte to its last.
    ///
    /// # Errors
    /// What the writer says, and the system about the temporary file.
    pub fn write_to(&self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(self.layout.head())?;
        let mut buffer = Vec::new();
        for piece in self.pieces() {
            out.write_all(piece.bytes(&mut buffer, |block, bytes| self.block(block, bytes))?)?;
        }
        Ok(())
    }

    /// Writes the file with so many threads: `put` is given a place in the file and the bytes that belong there, in no particular order.
    ///
    /// # Errors
    /// What `put` says first, and the system about the temporary file.
    pub fn write_pieces(&self, threads: usize, put: &(dyn Fn(u64, &[u8]) -> io::Result<()> + Sync)) -> io::Result<()> {
        put(0, self.layout.head())?;
        let pieces = Mutex::new(self.pieces());
        let next = || pieces.lock().unwrap_or_else(PoisonError::into_inner).next();
        let failed = Mutex::new(None);
        let work = || {
            let mut buffer = Vec::new();
            while let Some(piece) = next() {
                let bytes = piece.bytes(&mut buffer, |block, bytes| self.block(block, bytes));
                if let Err(error) = bytes.and_then(|bytes| put(piece.at, bytes)) {
                    failed.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
                    // The others find nothing left either.
                    while next().is_some() {}
                }
            }
        };
        std::thread::scope(|scope| {
            for _ in 1..threads {
                // With fewer threads than were wanted it takes longer.
                _ = std::thread::Builder::new().spawn_scoped(scope, work);
            }
            work();
        });
        failed.into_inner().unwrap_or_else(PoisonError::into_inner).map_or(Ok(()), Err)
    }

    /// The file from its first byte to its last, for whoever takes as much as is needed at a time.
    pub fn reader(&self) -> Box<dyn Read + Send + '_> {
        let pieces = self.pieces().map(|piece| {
            let mut buffer = Vec::new();
            piece.bytes(&mut buffer, |block, bytes| self.block(block, bytes))?;
            Ok(buffer)
        });
        Box::new(self.layout.head().chain(InTurn { pieces, piece: io::Cursor::default() }))
    }

    fn pieces(&self) -> impl Iterator<Item = Piece> + Send {
        pieces(self.layout.head().len() as u64, layout::blocks(&self.levels))
    }

    fn block(&self, block: BlockAt, bytes: &mut [u8]) -> io::Result<()> {
        if block.level < self.at_hand {
            let wanted = EncodedBlock { mask: block.mask, index: block.index };
            let copied = self.source.encoded_now(block.level, wanted, bytes);
            return copied.unwrap_or_else(|| Err(io::Error::other("a source that was at hand is not any more")));
        }
        let blocks = self.blocks.get(block.level);
        let list = blocks.and_then(|blocks| if block.mask { blocks.mask.as_ref() } else { Some(&blocks.image) });
        match list.and_then(|list| list.get(block.index)) {
            Some(kept) => self.spool.get(*kept, bytes),
            None => Err(io::Error::other("a block is not where it was put")),
        }
    }
}

/// Pieces as one stream.
struct InTurn<P> {
    pieces: P,
    piece: io::Cursor<Vec<u8>>,
}

impl<P: Iterator<Item = io::Result<Vec<u8>>>> Read for InTurn<P> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        loop {
            let count = self.piece.read(out)?;
            if count > 0 || out.is_empty() {
                return Ok(count);
            }
            match self.pieces.next() {
                Some(piece) => self.piece = io::Cursor::new(piece?),
                None => return Ok(0),
            }
        }
    }
}
