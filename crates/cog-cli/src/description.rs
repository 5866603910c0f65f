//! What `cog info` says of a file, before it is printed.

use std::collections::HashMap;

use cog_read::tiff::Domain;
use cog_read::{BlockSizes, Cog, Level};

use crate::geography::Geography;

/// Tables up to this size together are read over a network for the sizes of blocks.
const REMOTE_TABLE_BYTES: u64 = 256 << 10;

/// The same for local files.
const LOCAL_TABLE_BYTES: u64 = 16 << 20;

/// An opened file with everything that had to be fetched to describe it.
pub(crate) struct Described {
    pub(crate) cog: Cog,
    pub(crate) levels: Vec<Level>,
    /// By index of the IFD; empty if the tables are too large to be read unasked.
    pub(crate) block_sizes: HashMap<usize, BlockSizes>,
    /// Bytes fetched to parse the file, before any table was read for sizes.
    pub(crate) header_bytes: u64,
    /// Metadata of the dataset by domain.
    pub(crate) domains: Vec<Domain>,
    /// Where it lies.
    pub(crate) geography: Geography,
    /// What was dropped or is doubtful.
    pub(crate) warnings: Vec<String>,
}

/// Fetches what describes an opened file; tables for the sizes of blocks only where they are small, unless `always_sizes`.
pub(crate) async fn describe(cog: Cog, always_sizes: bool) -> anyhow::Result<Described> {
    let levels = cog.levels()?;
    let header_bytes = cog.header_bytes();
    let ifds: Vec<usize> = levels.iter().flat_map(|level| std::iter::once(level.ifd).chain(level.mask)).collect();
    let missing =
        ifds.iter().try_fold(0u64, |sum, ifd| cog.missing_table_bytes(*ifd).map(|bytes| sum.saturating_add(bytes)));
    let allowed = if cog.source().is_remote() { REMOTE_TABLE_BYTES } else { LOCAL_TABLE_BYTES };
    let mut block_sizes = HashMap::new();
    // Tables that are damaged do not keep the rest of the file from being described.
    if always_sizes || missing.is_ok_and(|bytes| bytes <= allowed) {
        for ifd in ifds {
            match cog.block_sizes(ifd).await {
                Ok(sizes) => _ = block_sizes.insert(ifd, sizes),
                Err(e) if always_sizes => return Err(e.into()),
                Err(_) => {}
            }
        }
    }
    let (domains, of_details) = cog.metadata().await?;
    let mut warnings = cog.tiff().warnings();
    let profile = cog.profile()?;
    let geography = Geography::of(&profile);
    warnings.extend(profile.warnings);
    warnings.extend(of_details);
    warnings.extend(cog.source().warnings());
    warnings.extend(geography.warnings.iter().cloned());
    Ok(Described { cog, levels, block_sizes, header_bytes, domains, geography, warnings })
}
