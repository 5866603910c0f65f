//! The frame and scan headers (T.81 B.2.2, B.2.3): components, their sampling factors and their blocks.

use crate::codecs::jpeg::name::NAME;
use crate::error::{Error, Result};

/// One colour component of the frame.
#[derive(Debug, Clone)]
pub(super) struct Component {
    id: u8,
    /// Blocks of an MCU across and down; both 1 when the component is alone.
    pub(super) across: usize,
    pub(super) down: usize,
    /// Which quantisation table, 0 to 3.
    pub(super) quantisation: usize,
    /// Samples without padding.
    pub(super) width: usize,
    pub(super) height: usize,
    /// Blocks of a row, those that fill up the last MCU included.
    pub(super) blocks_across: usize,
}

/// The frame header.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) progressive: bool,
    pub(super) max_across: usize,
    pub(super) max_down: usize,
    pub(super) mcus_across: usize,
    pub(super) components: Vec<Component>,
}

impl Layout {
    /// Reads the payload of the start-of-frame marker; [`Error::Variant`] for sampling factors that need fractions.
    pub(super) fn parse(marker: u8, payload: &[u8]) -> Result<Self> {
        let &[_, h1, h0, w1, w0, count, ref rest @ ..] = payload else {
            return Err(Error::corrupt(NAME, format!("a frame header of {} bytes", payload.len())));
        };
        let (entries, _) = rest.as_chunks::<3>();
        let count = usize::from(count);
        let entries = entries.get(..count).filter(|_| (1..=4).contains(&count));
        let entries = entries.ok_or_else(|| Error::corrupt(NAME, format!("a frame header of {count} components")))?;
        let width = usize::from(u16::from_be_bytes([w1, w0]));
        let height = usize::from(u16::from_be_bytes([h1, h0]));
        let mut components = Vec::with_capacity(count);
        for &[id, factors, quantisation] in entries {
            let (across, down) = (usize::from(factors >> 4), usize::from(factors & 15));
            if !(1..=4).contains(&across) || !(1..=4).contains(&down) || quantisation > 3 {
                return Err(Error::corrupt(NAME, format!("component {id} with sampling {across} × {down}")));
            }
            let (across, down) = if count == 1 { (1, 1) } else { (across, down) };
            let quantisation = usize::from(quantisation);
            components.push(Component { id, across, down, quantisation, width: 0, height: 0, blocks_across: 0 });
        }
        let max_across = components.iter().map(|c| c.across).max().unwrap_or(1);
        let max_down = components.iter().map(|c| c.down).max().unwrap_or(1);
        let mcus_across = width.div_ceil(8 * max_across);
        for c in &mut components {
            if !max_across.is_multiple_of(c.across) || !max_down.is_multiple_of(c.down) {
                let what = format!("sampling {} × {} of {max_across} × {max_down}", c.across, c.down);
                return Err(Error::variant(NAME, what));
            }
            c.width = (width * c.across).div_ceil(max_across);
            c.height = (height * c.down).div_ceil(max_down);
            c.blocks_across = mcus_across * c.across;
        }
        Ok(Self {
            width,
            height,
            progressive: matches!(marker, 0xc2 | 0xca),
            max_across,
            max_down,
            mcus_across,
            components,
        })
    }
}

/// A component in a scan and the numbers of its tables.
#[derive(Debug, Clone, Copy)]
pub(super) struct Selected {
    /// Index in [`Layout::components`].
    pub(super) component: usize,
    pub(super) dc: usize,
    pub(super) ac: usize,
}

/// The scan header.
#[derive(Debug, Clone)]
pub(super) struct ScanHeader {
    pub(super) selected: Vec<Selected>,
    /// First and last coefficient, in zigzag order.
    pub(super) first: usize,
    pub(super) last: usize,
    /// Successive approximation: bit position of the scan before (0: none) and of this.
    pub(super) high: u32,
    pub(super) low: u32,
}

impl ScanHeader {
    pub(super) fn parse(layout: &Layout, payload: &[u8]) -> Result<Self> {
        let bad = |what: &str| Error::corrupt(NAME, format!("a scan header {what}"));
        let (&count, rest) = payload.split_first().ok_or_else(|| bad("without content"))?;
        let count = usize::from(count);
        let &[ref entries @ .., first, last, bits] = rest else { return Err(bad("cut short")) };
        let (entries, []) = entries.as_chunks::<2>() else { return Err(bad("of odd length")) };
        if entries.len() != count || !(1..=4).contains(&count) {
            return Err(bad(&format!("of {count} components in {} bytes", payload.len())));
        }
        let mut selected: Vec<Selected> = Vec::with_capacity(count);
        for &[id, tables] in entries {
            let found = layout.components.iter().enumerate();
            // Some writers give all components the same number: the first that is not taken.
            let component = found
                .filter(|(i, c)| c.id == id && selected.iter().all(|s| s.component != *i))
                .map(|(i, _)| i)
                .next()
                .ok_or_else(|| bad(&format!("with component {id}, which the frame has not")))?;
            let (dc, ac) = (usize::from(tables >> 4), usize::from(tables & 15));
            if dc > 3 || ac > 3 {
                return Err(bad(&format!("with Huffman tables {dc} and {ac}")));
            }
            selected.push(Selected { component, dc, ac });
        }
        let (first, last) = (usize::from(first), usize::from(last));
        let (high, low) = (u32::from(bits >> 4), u32::from(bits & 15));
        if !layout.progressive {
            // libjpeg leaves these fields of sequential streams unread as well.
            return Ok(Self { selected, first: 0, last: 63, high: 0, low: 0 });
        }
        let spectral = if first == 0 { last == 0 } else { first <= last && last < 64 && count == 1 };
        if !spectral || low > 13 || (high != 0 && high != low + 1) {
            return Err(bad(&format!("for coefficients {first} to {last}, bits {high} to {low}")));
        }
        Ok(Self { selected, first, last, high, low })
    }
}
