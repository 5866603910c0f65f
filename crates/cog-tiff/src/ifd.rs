//! One image file directory: its entries and the values that were read with it.

use crate::byte_order::ByteOrder;
use crate::error::{Error, Part, Result, TagProblem};
use crate::header::Header;
use crate::known_bytes::{KnownBytes, Lookup, Stop, check_bounds, join_ranges, lookup};
use crate::limits::Limits;
use crate::tag::Tag;
use crate::value::{FieldType, Value};

/// Values of tags that this crate does not interpret are read with the IFD up to this size; above it, on request.
const EAGER_VALUE_BYTES: u64 = 4096;

/// One entry of an IFD: which tag, and where its values are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry {
    /// The tag.
    pub tag: Tag,
    /// The type of its values.
    pub field_type: FieldType,
    /// How many values there are.
    pub count: u64,
    /// Offset of the first value in the file (within the IFD itself for a value that fits there).
    pub offset: u64,
}

impl Entry {
    /// Bytes of all values; `None` if the number overflows or the type is unknown.
    pub fn byte_len(&self) -> Option<u64> {
        match self.field_type.size() {
            0 => None,
            size => self.count.checked_mul(size),
        }
    }
}

/// Bytes that an entry takes in memory, its value apart.
const SLOT_BYTES: u64 = size_of::<(Entry, Slot)>() as u64;

/// Which of the 65,536 tags an IFD has had: a search for each entry would take hours in hostile files.
struct TagSet(Vec<u64>);

impl TagSet {
    fn new() -> TagSet {
        TagSet(vec![0; 1024])
    }

    /// True if the tag is new.
    fn insert(&mut self, tag: Tag) -> bool {
        let bit = 1u64 << (tag.0 % 64);
        match self.0.get_mut(usize::from(tag.0 / 64)) {
            Some(word) if *word & bit == 0 => {
                *word |= bit;
                true
            }
            _ => false,
        }
    }
}

/// What is known of an entry's value.
#[derive(Clone, Debug)]
enum Slot {
    Loaded(Value),
    /// A table, or a large value that nothing here interprets.
    OnRequest,
    Broken(TagProblem),
}

/// An image file directory (TIFF 6.0 section 2).
///
/// Small values and those that this crate interprets are read with it; tile and strip tables never are.
#[derive(Clone, Debug)]
pub struct Ifd {
    offset: u64,
    byte_order: ByteOrder,
    next: u64,
    slots: Vec<(Entry, Slot)>,
    end: u64,
    value_bytes: u64,
}

impl Ifd {
    /// Parses the IFD at `offset`, or says which ranges are needed to do so.
    pub fn parse<K: KnownBytes + ?Sized>(known: &K, header: &Header, offset: u64, limits: &Limits) -> Lookup<Ifd> {
        let order = header.byte_order;
        let variant = header.variant;
        let count_bytes = lookup(known, Part::Ifd, offset, variant.count_len())?;
        let count = unsigned(order, &count_bytes).unwrap_or(0);
        let first = offset.saturating_add(variant.count_len());
        // Entries behind the end of the file first: a count of nonsense is damage, not a matter of limits.
        let entries_len = count.saturating_mul(variant.entry_len());
        check_bounds(known.file_len(), Part::Ifd, first, entries_len)?;
        if count > limits.max_entries {
            return Err(Error::Limit { name: "max_entries", value: count, limit: limits.max_entries }.into());
        }
        // Some writers leave out the offset of the next IFD where the file ends: the chain ends there too.
        let tail = known.file_len().map_or(variant.offset_len(), |len| {
            len.saturating_sub(first).saturating_sub(entries_len).min(variant.offset_len())
        });
        let body = lookup(known, Part::Ifd, first, entries_len.saturating_add(tail))?;

        let entry_len = usize::try_from(variant.entry_len()).unwrap_or(usize::MAX);
        let mut slots: Vec<(Entry, Slot)> = Vec::new();
        let mut need = Vec::new();
        let mut end = first + entries_len + tail;
        let mut value_bytes = count.saturating_mul(SLOT_BYTES);
        let mut seen = TagSet::new();
        let table = body.get(..usize::try_from(entries_len).unwrap_or(usize::MAX)).unwrap_or(&[]);
        for (i, raw) in table.chunks_exact(entry_len).enumerate() {
            let at = first + i as u64 * variant.entry_len();
            let Some(entry) = parse_entry(header, raw, at) else { continue };
            // TIFF 6.0 wants tags once and in order; the first of two wins, as in libtiff.
            if !seen.insert(entry.tag) {
                continue;
            }
            let slot = load(known, order, &entry, limits, &mut need, &mut value_bytes)?;
            if let (Slot::Loaded(_), Some(len)) = (&slot, entry.byte_len()) {
                end = end.max(entry.offset + len);
            }
            slots.push((entry, slot));
        }
        if !need.is_empty() {
            return Err(Stop::Need(join_ranges(need)));
        }
        let next = body.get(usize::try_from(entries_len).unwrap_or(usize::MAX)..).unwrap_or(&[]);
        let next = unsigned(order, next).unwrap_or(0);
        Ok(Ifd { offset, byte_order: order, next, slots, end, value_bytes })
    }

    /// Offset of this IFD in the file.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// Offset of the next IFD of the chain; 0 at its end.
    pub fn next_ifd(&self) -> u64 {
        self.next
    }

    /// End of the IFD and of every value read with it: tables excluded.
    pub fn end(&self) -> u64 {
        self.end
    }

    /// Bytes in memory of the entries and of the values read with them.
    pub(crate) fn loaded_bytes(&self) -> u64 {
        self.value_bytes
    }

    /// The byte order of the file.
    pub fn byte_order(&self) -> ByteOrder {
        self.byte_order
    }

    /// Every entry in file order, with its value if it was read with the IFD.
    pub fn tags(&self) -> impl Iterator<Item = (&Entry, Option<&Value>)> {
        self.slots.iter().map(|(entry, slot)| match slot {
            Slot::Loaded(value) => (entry, Some(value)),
            _ => (entry, None),
        })
    }

    /// The entry of a tag.
    pub fn entry(&self, tag: Tag) -> Option<&Entry> {
        self.slots.iter().find(|(e, _)| e.tag == tag).map(|(e, _)| e)
    }

    /// The value of a tag that was read with the IFD. A tag whose value is damaged counts as absent:
    /// [`Ifd::warnings`] lists those.
    pub fn value(&self, tag: Tag) -> Option<&Value> {
        self.slots.iter().find_map(|(e, slot)| match slot {
            Slot::Loaded(value) if e.tag == tag => Some(value),
            _ => None,
        })
    }

    /// The value of a tag, also of those that are not read with the IFD (tables, large private tags).
    pub fn lookup_value<K: KnownBytes + ?Sized>(&self, known: &K, tag: Tag, limits: &Limits) -> Lookup<Option<Value>> {
        let Some((entry, slot)) = self.slots.iter().find(|(e, _)| e.tag == tag) else { return Ok(None) };
        match slot {
            Slot::Loaded(value) => Ok(Some(value.clone())),
            Slot::Broken(problem) => Err(self.tag_error(tag, problem.clone()).into()),
            Slot::OnRequest => {
                let Some(len) = entry.byte_len() else { return Ok(None) };
                if len > limits.max_value_bytes {
                    let limit = limits.max_value_bytes;
                    return Err(Error::Limit { name: "max_value_bytes", value: len, limit }.into());
                }
                let bytes = lookup(known, Part::Value(tag), entry.offset, len)?;
                Ok(Value::decode(entry.field_type, self.byte_order, &bytes))
            }
        }
    }

    /// Tags whose value could not be read, and why.
    pub fn warnings(&self) -> impl Iterator<Item = (Tag, &TagProblem)> {
        self.slots.iter().filter_map(|(e, slot)| match slot {
            Slot::Broken(problem) => Some((e.tag, problem)),
            _ => None,
        })
    }

    /// An error that names this IFD and a tag.
    pub(crate) fn tag_error(&self, tag: Tag, problem: TagProblem) -> Error {
        Error::Tag { ifd: self.offset, tag, problem }
    }

    /// The first value of a tag as an unsigned integer; `None` if the tag is absent or damaged.
    pub fn u64(&self, tag: Tag) -> Option<u64> {
        self.value(tag)?.u64_at(0)
    }

    /// The first value of a tag as an unsigned 16-bit integer.
    pub fn u16(&self, tag: Tag) -> Option<u16> {
        u16::try_from(self.u64(tag)?).ok()
    }

    /// The value of a tag that decides how pixels are read. Damage is an error here: a default in its place would give
    /// wrong pixels (libtiff refuses such IFDs as well).
    pub(crate) fn decisive(&self, tag: Tag) -> Result<Option<&Value>> {
        match self.slots.iter().find(|(e, _)| e.tag == tag) {
            None => Ok(None),
            Some((_, Slot::Loaded(value))) => Ok(Some(value)),
            Some((_, Slot::Broken(problem))) => Err(self.tag_error(tag, problem.clone())),
            Some((entry, Slot::OnRequest)) => {
                Err(self.tag_error(tag, TagProblem::Count { count: entry.count, needed: 1 }))
            }
        }
    }

    /// The first value of such a tag as a 16-bit number, or its default.
    pub(crate) fn decisive_u16(&self, tag: Tag, default: u16) -> Result<u16> {
        match self.decisive(tag)? {
            Some(value) if !value.is_empty() => {
                let n = value.u64_at(0).ok_or_else(|| self.wrong_type(tag))?;
                u16::try_from(n).map_err(|_| self.tag_error(tag, TagProblem::Value(n)))
            }
            _ => Ok(default),
        }
    }

    /// The error that the type of a tag cannot hold its value.
    pub(crate) fn wrong_type(&self, tag: Tag) -> Error {
        let code = self.entry(tag).map_or(0, |e| e.field_type.code());
        self.tag_error(tag, TagProblem::Type(code))
    }

    /// All values of a tag as floating point numbers.
    pub fn f64s(&self, tag: Tag) -> Option<Vec<f64>> {
        self.value(tag)?.f64s()
    }

    /// The text of a tag, up to its first NUL.
    pub fn text(&self, tag: Tag) -> Option<String> {
        self.value(tag)?.text()
    }

    /// The first value of a tag that must be there.
    pub(crate) fn required_u64(&self, tag: Tag) -> Result<u64> {
        let slot = self.slots.iter().find(|(e, _)| e.tag == tag);
        let problem = match slot {
            None => TagProblem::Missing,
            Some((_, Slot::Broken(problem))) => problem.clone(),
            Some((entry, Slot::OnRequest)) => TagProblem::Type(entry.field_type.code()),
            Some((entry, Slot::Loaded(value))) => match value.u64_at(0) {
                Some(n) => return Ok(n),
                None if value.is_empty() => TagProblem::Count { count: 0, needed: 1 },
                None => TagProblem::Type(entry.field_type.code()),
            },
        };
        Err(self.tag_error(tag, problem))
    }
}

/// An unsigned integer of 2, 4 or 8 bytes.
fn unsigned(order: ByteOrder, bytes: &[u8]) -> Option<u64> {
    match bytes.len() {
        2 => bytes.try_into().ok().map(|b| u64::from(order.u16(b))),
        4 => bytes.try_into().ok().map(|b| u64::from(order.u32(b))),
        8 => bytes.try_into().ok().map(|b| order.u64(b)),
        _ => None,
    }
}

/// Parses the 12 (BigTIFF: 20) bytes of an entry that lies at `at`.
fn parse_entry(header: &Header, raw: &[u8], at: u64) -> Option<Entry> {
    let order = header.byte_order;
    let width = usize::try_from(header.variant.offset_len()).ok()?;
    let tag = Tag(order.u16(raw.get(0..2)?.try_into().ok()?));
    let field_type = FieldType::from_code(order.u16(raw.get(2..4)?.try_into().ok()?));
    let count = unsigned(order, raw.get(4..4 + width)?)?;
    let inline_at = at + 4 + header.variant.offset_len();
    let fits = count.checked_mul(field_type.size()).is_some_and(|len| len <= header.variant.offset_len());
    let offset = if fits { inline_at } else { unsigned(order, raw.get(4 + width..4 + 2 * width)?)? };
    Some(Entry { tag, field_type, count, offset })
}

/// Reads an entry's value, or notes the range it needs.
fn load<K: KnownBytes + ?Sized>(
    known: &K,
    order: ByteOrder,
    entry: &Entry,
    limits: &Limits,
    need: &mut Vec<std::ops::Range<u64>>,
    total: &mut u64,
) -> Result<Slot> {
    if let FieldType::Unknown(code) = entry.field_type {
        return Ok(Slot::Broken(TagProblem::Type(code)));
    }
    let broken = |len| Slot::Broken(TagProblem::OutOfBounds { offset: entry.offset, length: len });
    let Some(len) = entry.byte_len() else { return Ok(broken(u64::MAX)) };
    if entry.tag.is_block_table() {
        return Ok(Slot::OnRequest);
    }
    let end = match entry.offset.checked_add(len) {
        Some(end) if known.file_len().is_none_or(|file_len| end <= file_len) => end,
        _ => return Ok(broken(len)),
    };
    if len > EAGER_VALUE_BYTES && (!interpreted(entry.tag) || len > limits.max_value_bytes) {
        return Ok(Slot::OnRequest);
    }
    // Integers are kept as 64 bits: a SHORT takes four times its bytes.
    let decoded = match entry.field_type.size() {
        size @ (2 | 4) => len.saturating_mul(8 / size),
        _ => len,
    };
    *total = total.saturating_add(decoded);
    if *total > limits.max_header_bytes {
        return Err(Error::Limit { name: "max_header_bytes", value: *total, limit: limits.max_header_bytes });
    }
    match known.get(entry.offset..end) {
        Some(bytes) => Ok(Value::decode(entry.field_type, order, &bytes).map_or(Slot::OnRequest, Slot::Loaded)),
        None => {
            need.push(entry.offset..end);
            Ok(Slot::OnRequest)
        }
    }
}

/// Tags whose value is read with the IFD whatever its size.
fn interpreted(tag: Tag) -> bool {
    matches!(
        tag,
        Tag::BITS_PER_SAMPLE
            | Tag::SAMPLE_FORMAT
            | Tag::EXTRA_SAMPLES
            | Tag::COLOR_MAP
            | Tag::SUB_IFDS
            | Tag::JPEG_TABLES
            | Tag::JPEG_Q_TABLES
            | Tag::JPEG_DC_TABLES
            | Tag::JPEG_AC_TABLES
            | Tag::DOCUMENT_NAME
            | Tag::IMAGE_DESCRIPTION
            | Tag::SOFTWARE
            | Tag::ARTIST
            | Tag::HOST_COMPUTER
            | Tag::COPYRIGHT
            | Tag::MODEL_PIXEL_SCALE
            | Tag::MODEL_TIEPOINT
            | Tag::MODEL_TRANSFORMATION
            | Tag::GEO_KEY_DIRECTORY
            | Tag::GEO_DOUBLE_PARAMS
            | Tag::GEO_ASCII_PARAMS
            | Tag::GDAL_METADATA
            | Tag::GDAL_NODATA
            | Tag::RPC_COEFFICIENTS
    )
}
