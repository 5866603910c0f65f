//! Tables that tell what the next bits of a stream mean.

use super::entry::Entry;

/// The longest code.
const LONGEST: usize = 15;

/// No alphabet has more symbols.
const SYMBOLS: usize = 288;

/// Symbols with their codes. `FIRST` entries are looked up with as many bits as that takes; longer codes go on in a second
/// table, one for each start, and all of them are in `SECOND` entries.
pub(super) struct Table<const FIRST: usize, const SECOND: usize> {
    first: [Entry; FIRST],
    second: [Entry; SECOND],
}

impl<const FIRST: usize, const SECOND: usize> Default for Table<FIRST, SECOND> {
    fn default() -> Self {
        Self { first: [Entry::NONE; FIRST], second: [Entry::NONE; SECOND] }
    }
}

impl<const FIRST: usize, const SECOND: usize> Table<FIRST, SECOND> {
    /// Bits that the first table looks at.
    pub(super) const BITS: u32 = FIRST.trailing_zeros();

    #[inline(always)]
    pub(super) fn first(&self, buffer: u64) -> Entry {
        // The compiler sees that this is within.
        self.first.get(buffer as usize & (FIRST - 1)).copied().unwrap_or(Entry::NONE)
    }

    /// `buffer` starts after the bits of the first table.
    #[inline(always)]
    pub(super) fn second(&self, (place, bits): (usize, u32), buffer: u64) -> Entry {
        let index = place + (buffer & ((1 << bits) - 1)) as usize;
        self.second.get(index).copied().unwrap_or(Entry::NONE)
    }

    /// Makes the codes of RFC 1951, 3.2.2, from their lengths, 0 where a symbol has none.
    ///
    /// `None` unless they are a prefix code that uses all bits, a single code of one bit, or no code at all.
    pub(super) fn fill(&mut self, lengths: &[u8], entry: impl Fn(usize) -> Entry) -> Option<()> {
        let mut symbols = [0; SYMBOLS];
        let (counts, symbols) = sorted(lengths, &mut symbols)?;
        let mut codes = Codes { code: 0, symbols: symbols.iter(), left: counts };
        if !is_complete(&counts)? {
            let only = codes.symbols.next().map_or(Entry::NONE, |&symbol| entry(symbol.into()));
            self.first.fill(Entry::NONE);
            self.first.iter_mut().step_by(2).for_each(|to| *to = only.with_code(1));
            return Some(());
        }
        // The table for codes of up to `bits`, doubled for each bit more.
        let mut size = 1;
        for bits in 1..=Self::BITS {
            self.first.copy_within(..size, size);
            size *= 2;
            while let Some((code, symbol)) = codes.next_of(bits) {
                *self.first.get_mut(code)? = entry(symbol).with_code(bits);
            }
        }
        self.fill_second(codes, entry)
    }

    fn fill_second(&mut self, mut codes: Codes<'_>, entry: impl Fn(usize) -> Entry) -> Option<()> {
        let (mut place, mut end, mut start) = (0, 0, None);
        for bits in Self::BITS + 1..=LONGEST as u32 {
            while let Some((code, symbol)) = codes.next_of(bits) {
                if start != Some(code & (FIRST - 1)) {
                    start = Some(code & (FIRST - 1));
                    place = end;
                    let second = codes.bits_of_second(bits - Self::BITS, Self::BITS);
                    end = place + (1 << second);
                    *self.first.get_mut(code & (FIRST - 1))? = Entry::second_table(Self::BITS, place, second);
                }
                let entry = entry(symbol).with_code(bits - Self::BITS);
                let within = self.second.get_mut(place..end)?.iter_mut();
                within.skip(code >> Self::BITS).step_by(1 << (bits - Self::BITS)).for_each(|to| *to = entry);
            }
        }
        Some(())
    }

    /// Joins each literal with the one after it where the first table has the bits of both.
    pub(super) fn pair_literals(&mut self) {
        // What comes after a code is at a lower place, which is still without pairs, or at 0 itself.
        for index in (0..FIRST).rev() {
            let entry = self.first(index as u64);
            let next = self.first((index >> entry.taken()) as u64);
            if let (Some(pair), Some(to)) = (entry.followed_by(next, Self::BITS), self.first.get_mut(index)) {
                *to = pair;
            }
        }
    }
}

/// Codes in order, the first bit of each lowest.
struct Codes<'a> {
    code: usize,
    symbols: std::slice::Iter<'a, u16>,
    /// Symbols to come by the bits of their codes.
    left: [u16; LONGEST + 1],
}

impl Codes<'_> {
    /// The next code of so many bits, and its symbol.
    fn next_of(&mut self, bits: u32) -> Option<(usize, usize)> {
        let left = self.left.get_mut(bits as usize)?;
        *left = left.checked_sub(1)?;
        let code = self.code;
        // One more, from the last bit down: clear the ones there and set the zero before them.
        let zeros = !code & ((1 << bits) - 1);
        self.code = zeros.checked_ilog2().map_or(0, |bit| code & ((1 << bit) - 1) | 1 << bit);
        Some((code, usize::from(*self.symbols.next()?)))
    }

    /// How many bits a second table looks at whose first code, just taken, has `least` after the `first`.
    fn bits_of_second(&self, least: u32, first: u32) -> u32 {
        let left = |bits: u32| self.left.get((first + bits) as usize).map_or(0, |&left| usize::from(left));
        let (mut bits, mut used) = (least, left(least) + 1);
        while used < 1 << bits && first + bits < LONGEST as u32 {
            bits += 1;
            used = used * 2 + left(bits);
        }
        bits
    }
}

/// How many codes there are of each length, and the symbols in the order of their codes.
fn sorted<'a>(lengths: &[u8], symbols: &'a mut [u16; SYMBOLS]) -> Option<([u16; LONGEST + 1], &'a [u16])> {
    let mut counts = [0_u16; LONGEST + 1];
    for &length in lengths {
        *counts.get_mut(usize::from(length))? += 1;
    }
    let mut places = counts;
    let mut next = 0;
    for place in &mut places {
        next += std::mem::replace(place, next);
    }
    for (symbol, &length) in lengths.iter().enumerate() {
        let place = places.get_mut(usize::from(length))?;
        *symbols.get_mut(usize::from(*place))? = symbol as u16;
        *place += 1;
    }
    let unused = std::mem::take(counts.first_mut()?);
    Some((counts, symbols.get(unused.into()..lengths.len())?))
}

/// Whether the codes use all bits; `None` where they cannot be told apart, or are too few.
fn is_complete(counts: &[u16; LONGEST + 1]) -> Option<bool> {
    let used: u32 = (0..).zip(counts).map(|(bits, &count)| u32::from(count) << (LONGEST as u32 - bits)).sum();
    let codes: u16 = counts.iter().sum();
    match used.cmp(&(1 << LONGEST)) {
        std::cmp::Ordering::Equal => Some(true),
        std::cmp::Ordering::Less if codes == 0 || (codes == 1 && counts[1] == 1) => Some(false),
        _ => None,
    }
}
