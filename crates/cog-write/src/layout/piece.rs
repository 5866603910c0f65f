//! A file is put together piece by piece: so many blocks, each in its frame.

use std::io;

use super::{BlockAt, FRAME};

/// Blocks that lie one behind the other.
#[derive(Debug)]
pub(crate) struct Piece {
    /// Its place in the file.
    pub(crate) at: u64,
    /// Its bytes, frames included.
    pub(crate) len: usize,
    blocks: Vec<BlockAt>,
}

/// Bytes of a piece, if it is not one larger block.
const PIECE: usize = 1 << 20;

/// Blocks in the order of the file become pieces; `at` is the place of the first.
pub(crate) fn pieces(at: u64, blocks: impl Iterator<Item = BlockAt>) -> impl Iterator<Item = Piece> {
    let mut blocks = blocks.peekable();
    let mut at = at;
    std::iter::from_fn(move || {
        let mut piece = Piece { at, len: 0, blocks: Vec::new() };
        while let Some(block) = blocks.next_if(|block| piece.len == 0 || piece.len + framed(block) <= PIECE) {
            piece.len += framed(&block);
            piece.blocks.push(block);
        }
        at += piece.len as u64;
        (piece.len > 0).then_some(piece)
    })
}

fn framed(block: &BlockAt) -> usize {
    block.size as usize + FRAME as usize
}

impl Piece {
    /// Its bytes, in a buffer that is used for one after the other; `get` fills in a block.
    ///
    /// # Errors
    /// What `get` says.
    pub(crate) fn bytes<'a>(
        &self,
        buffer: &'a mut Vec<u8>,
        get: impl Fn(BlockAt, &mut [u8]) -> io::Result<()>,
    ) -> io::Result<&'a [u8]> {
        if buffer.len() < self.len {
            buffer.resize(self.len, 0);
        }
        let mut rest = buffer.as_mut_slice();
        for block in &self.blocks {
            let short = || io::Error::other("a block does not fit its place");
            let (framed, behind) = rest.split_at_mut_checked(framed(block)).ok_or_else(short)?;
            let (leader, framed) = framed.split_first_chunk_mut::<4>().ok_or_else(short)?;
            let (bytes, trailer) = framed.split_last_chunk_mut::<4>().ok_or_else(short)?;
            *leader = block.size.to_le_bytes();
            get(*block, bytes)?;
            // The last bytes once more; of a block that has fewer, those and zeros.
            *trailer = [0; 4];
            let tail = bytes.len().min(4);
            if let (Some(to), Some(from)) = (trailer.get_mut(..tail), bytes.get(bytes.len() - tail..)) {
                to.copy_from_slice(from);
            }
            rest = behind;
        }
        Ok(buffer.get(..self.len).unwrap_or_default())
    }
}
