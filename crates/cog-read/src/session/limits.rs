//! Bounds on what a file, or a request, can make this library do.

/// Bounds of opening and reading.
///
/// Whatever a file claims, a request takes at most 256 MiB beside its output, plus two blocks where one is larger than 96 MiB: as
/// it comes out of its codec, and as it is placed. Tests measure this of the command line, on sparse, forged and damaged files.
/// Blocks that the file leaves out take neither time nor memory, unless they are part of an output.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Limits {
    /// Bounds of parsing.
    pub parse: cog_tiff::Limits,
    /// Fetches that a header may take.
    pub max_round_trips: u32,
    /// Bytes of pixels and validity that one read may return, and of one decoded block. The default is half of the
    /// machine's memory. Checked before anything is allocated.
    pub max_output_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        let memory = sysinfo::System::new_with_specifics(
            sysinfo::RefreshKind::nothing().with_memory(sysinfo::MemoryRefreshKind::nothing().with_ram()),
        )
        .total_memory();
        Limits {
            parse: cog_tiff::Limits::default(),
            max_round_trips: 100_000,
            max_output_bytes: if memory == 0 { 4 << 30 } else { memory / 2 },
        }
    }
}
