//! The best Huffman codes of at most 16 bits for symbols that come so often (T.81, K.2), with the choices of libjpeg.

/// Lengths of codes before they are shortened are below this: a longer one would need more symbols than memory holds.
const MOST: usize = 64;

/// A code for each symbol.
#[derive(Debug)]
pub(super) struct Code {
    /// Class and number of the table, as its marker has it.
    name: u8,
    /// How many codes there are of 1 to 16 bits.
    lengths: [u8; 16],
    /// In the order of their codes.
    symbols: Vec<u8>,
    /// Code, and its length in the upper byte.
    codes: Box<[u32; 256]>,
}

impl Code {
    /// The best one for symbols that come so often; those that never come have none.
    pub(super) fn best(name: u8, counts: &[u32; 256]) -> Self {
        let sizes = sizes(counts);
        let mut lengths = [0u32; MOST];
        for &(_, size) in &sizes {
            if let Some(count) = lengths.get_mut(size) {
                *count += 1;
            }
        }
        shorten(&mut lengths);
        // Symbols of shorter codes first.
        let mut symbols: Vec<(usize, u8)> =
            sizes.iter().filter_map(|&(symbol, size)| Some((size, u8::try_from(symbol).ok()?))).collect();
        symbols.sort_unstable();
        let symbols: Vec<u8> = symbols.into_iter().map(|(_, symbol)| symbol).collect();
        let lengths: [u8; 16] = std::array::from_fn(|i| lengths.get(i + 1).copied().unwrap_or(0) as u8);
        let mut codes = Box::new([0; 256]);
        let (mut code, mut rest) = (0u32, symbols.iter());
        for (size, &count) in (1u32..).zip(&lengths) {
            for &symbol in rest.by_ref().take(count.into()) {
                if let Some(to) = codes.get_mut(usize::from(symbol)) {
                    *to = size << 24 | code;
                }
                code += 1;
            }
            code <<= 1;
        }
        Self { name, lengths, symbols, codes }
    }

    /// The marker that defines it.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        out.extend([0xff, 0xc4]);
        out.extend((19 + self.symbols.len() as u16).to_be_bytes());
        out.push(self.name);
        out.extend(self.lengths);
        out.extend(&self.symbols);
    }

    /// Code and length of a symbol that comes.
    #[inline(always)]
    #[allow(clippy::indexing_slicing, reason = "a byte in an array of 256")]
    pub(super) fn of(&self, symbol: u8) -> (u32, u32) {
        let entry = self.codes[usize::from(symbol)];
        (entry & 0xff_ffff, entry >> 24)
    }
}

/// The length of each symbol's code without a bound: the two that come least are joined, again and again.
///
/// Symbol 256 stands for the code of ones only, which no symbol may have; it comes once.
fn sizes(counts: &[u32; 256]) -> Vec<(usize, usize)> {
    let mut leaves: Vec<(usize, u64)> = counts
        .iter()
        .enumerate()
        .filter(|(_, count)| **count > 0)
        .map(|(symbol, &count)| (symbol, count.into()))
        .collect();
    leaves.push((256, 1));
    let mut sizes = vec![0; leaves.len()];
    // Trees: how often their leaves come, and these; in the place of their first leaf.
    let mut trees: Vec<(u64, Vec<usize>)> =
        leaves.iter().enumerate().map(|(i, &(_, count))| (count, vec![i])).collect();
    let mut alive: Vec<usize> = (0..trees.len()).collect();
    while alive.len() > 1 {
        // Of those that come equally often the last one.
        let least = |alive: &[usize], trees: &[(u64, Vec<usize>)]| {
            let count = |place: &usize| trees.get(*place).map_or(u64::MAX, |tree| tree.0);
            (0..alive.len()).rev().min_by_key(|&i| alive.get(i).map_or(u64::MAX, count))
        };
        let Some(first) = least(&alive, &trees).map(|i| alive.remove(i)) else { break };
        let Some(second) = least(&alive, &trees).and_then(|i| alive.get(i).copied()) else { break };
        // libjpeg keeps the joined tree where the first one was.
        let (Some((a, mut leaves)), Some((b, more))) =
            (trees.get_mut(first).map(std::mem::take), trees.get_mut(second).map(std::mem::take))
        else {
            break;
        };
        leaves.extend(more);
        for &leaf in &leaves {
            if let Some(size) = sizes.get_mut(leaf) {
                *size += 1;
            }
        }
        alive.retain(|&place| place != second);
        let at = alive.partition_point(|&place| place < first);
        alive.insert(at, first);
        if let Some(tree) = trees.get_mut(first) {
            *tree = (a + b, leaves);
        }
    }
    leaves.into_iter().map(|(symbol, _)| symbol).zip(sizes).collect()
}

/// Takes codes of more than 16 bits away, pair by pair (T.81, figure K.3), and the longest one, which is that of symbol 256.
fn shorten(lengths: &mut [u32; MOST]) {
    let mut longest = MOST - 1;
    while longest > 16 {
        while lengths.get(longest).is_some_and(|&n| n > 0) {
            // Two codes of this length become one of the length before; one of a shorter length becomes two of the next length.
            let Some(shorter) = (1..longest - 1).rev().find(|&j| lengths.get(j).is_some_and(|&n| n > 0)) else {
                return;
            };
            let mut change = |at: usize, by: i32| {
                if let Some(n) = lengths.get_mut(at) {
                    *n = n.saturating_add_signed(by);
                }
            };
            change(longest, -2);
            change(longest - 1, 1);
            change(shorter + 1, 2);
            change(shorter, -1);
        }
        longest -= 1;
    }
    if let Some(last) = lengths.iter_mut().rev().find(|n| **n > 0) {
        *last -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn frequent_symbols_have_short_codes() {
        let mut counts = [0; 256];
        counts[5] = 100;
        counts[7] = 30;
        counts[9] = 1;
        let code = Code::best(0x10, &counts);
        assert_eq!((code.of(5), code.of(7), code.of(9)), ((0, 1), (0b10, 2), (0b110, 3)));
        let mut marker = Vec::new();
        code.write(&mut marker);
        assert_eq!(marker, [0xff, 0xc4, 0, 22, 0x10, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 7, 9]);
    }

    proptest! {
        #[test]
        fn codes_are_prefix_free_and_of_16_bits_at_most(
            counts in prop::collection::vec((any::<u8>(), 0u32..31), 1..256),
        ) {
            let mut all = [0; 256];
            // Powers of two make trees as deep as they get.
            counts.iter().for_each(|&(symbol, power)| all[usize::from(symbol)] = 1 << power);
            let code = Code::best(0, &all);
            let mut space = 0u64;
            for symbol in 0..=255u8 {
                let (bits, len) = code.of(symbol);
                prop_assert_eq!(len > 0, all[usize::from(symbol)] > 0);
                if len > 0 {
                    prop_assert!(len <= 16 && bits < (1 << len) - 1, "no code of ones only");
                    space += 1 << (16 - len);
                }
            }
            prop_assert!(space < 1 << 16);
            prop_assert_eq!(code.lengths.iter().map(|&n| usize::from(n)).sum::<usize>(), code.symbols.len());
        }
    }
}
