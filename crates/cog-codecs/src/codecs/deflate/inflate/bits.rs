//! The bits of a stream, the lowest of each byte first (RFC 1951, 3.1.1).

/// Reads bits from a stream.
pub(super) struct Bits<'a> {
    stream: &'a [u8],
    /// The first byte that is not in `buffer`.
    next: usize,
    /// Bits to come, the next one lowest; above `count` of them there are zeros.
    buffer: u64,
    /// At most 63.
    count: u32,
}

impl<'a> Bits<'a> {
    pub(super) fn new(stream: &'a [u8]) -> Self {
        Self { stream, next: 0, buffer: 0, count: 0 }
    }

    /// Bytes that the bits taken so far touch.
    pub(super) fn position(&self) -> usize {
        self.next - (self.count / 8) as usize
    }

    /// The next bits, zeros after the end of the stream; 56 are certain before it.
    pub(super) fn peek(&mut self) -> u64 {
        while self.count < 56
            && let Some(&byte) = self.stream.get(self.next)
        {
            self.buffer |= u64::from(byte) << self.count;
            self.next += 1;
            self.count += 8;
        }
        self.buffer
    }

    /// The next `bits`, at most 32; `None` at the end of the stream.
    pub(super) fn take(&mut self, bits: u32) -> Option<u32> {
        let value = self.peek() & ((1 << bits) - 1);
        self.count = self.count.checked_sub(bits)?;
        self.buffer >>= bits;
        Some(value as u32)
    }

    /// The next `len` bytes, after what is left of the byte before them.
    pub(super) fn bytes(&mut self, len: usize) -> Option<&'a [u8]> {
        let from = self.position();
        let bytes = self.stream.get(from..)?.get(..len)?;
        *self = Self { stream: self.stream, next: from + len, buffer: 0, count: 0 };
        Some(bytes)
    }

    /// What a loop keeps in registers: the bytes to come, the bits before them and how many these are.
    pub(super) fn lend(&self) -> (&'a [u8], u64, u32) {
        (self.stream.get(self.next..).unwrap_or_default(), self.buffer, self.count)
    }

    /// Takes back what was lent. Of `count` only the lower six bits are looked at, and bits of `buffer` above them may be
    /// anything.
    pub(super) fn give_back(&mut self, rest: &[u8], buffer: u64, count: u32) {
        self.next = self.stream.len() - rest.len();
        self.count = count & 63;
        self.buffer = buffer & ((1 << self.count) - 1);
    }
}
