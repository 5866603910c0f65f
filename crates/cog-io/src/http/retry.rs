//! How long to wait before a request is sent again.

use std::hash::{BuildHasher, RandomState};
use std::time::{Duration, SystemTime};

use crate::config::RetryPolicy;

/// The wait before retry number `attempt` (from 0): doubling with jitter of half, or what the server asked for if that is longer.
pub(crate) fn delay(policy: &RetryPolicy, attempt: u32, retry_after: Option<Duration>) -> Duration {
    let doubled =
        policy.base_delay.saturating_mul(1u32.checked_shl(attempt.min(31)).unwrap_or(u32::MAX)).min(policy.max_delay);
    // Each RandomState hashes with fresh keys, which is random enough to spread clients.
    let spread = (RandomState::new().hash_one(attempt) % 1024) as f64 / 1024.0;
    let jittered = doubled.mul_f64(0.5 + 0.5 * spread);
    retry_after.map_or(jittered, |asked| asked.max(jittered))
}

/// Retry-After (RFC 9110, section 10.2.3): seconds, or a date.
pub(super) fn retry_after(value: &str, now: SystemTime) -> Option<Duration> {
    let value = value.trim();
    if let Ok(seconds) = value.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let date = httpdate::parse_http_date(value).ok()?;
    Some(date.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_cap_and_never_undercut_the_server() {
        let policy = RetryPolicy::default();
        for (attempt, ms) in [(0, 100), (1, 200), (4, 1600), (12, 15_000), (40, 15_000)] {
            let wait = delay(&policy, attempt, None).as_millis();
            assert!(ms / 2 <= wait && wait <= ms, "{attempt}: {wait}");
        }
        assert_eq!(delay(&policy, 0, Some(Duration::from_secs(3))), Duration::from_secs(3));
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777 - 5); // RFC 9110's example date minus 5 s
        assert_eq!(retry_after("120", now), Some(Duration::from_secs(120)));
        assert_eq!(retry_after("Sun, 06 Nov 1994 08:49:37 GMT", now), Some(Duration::from_secs(5)));
        assert_eq!(retry_after("soon", now), None);
    }
}
