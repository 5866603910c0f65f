//! Any bytes as a file in memory: opened, described, its first level read within a small limit.
#![no_main]

use std::sync::OnceLock;

use cog_read::{Limits, Session, SessionOptions};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    static SESSION: OnceLock<Session> = OnceLock::new();
    let session = SESSION.get_or_init(|| {
        let mut limits = Limits::default();
        limits.max_output_bytes = 1 << 20;
        Session::new(SessionOptions::default().with_threads(1).with_limits(limits))
    });
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_time().build() else { return };
    runtime.block_on(async {
        let source = cog_read::io::Source::from_bytes(data.to_vec().into());
        let Ok(cog) = session.open_source(source).await else { return };
        if let Ok(raster) = cog.read().await {
            _ = raster.mask();
        }
        _ = cog.tile(0, 0).await;
    });
});
