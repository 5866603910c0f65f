//! The example does what it says.

#[allow(dead_code, unreachable_pub)]
#[path = "../../examples/ranges.rs"]
mod ranges;

use cog_testkit::server::Server;

use super::content;

#[tokio::test]
async fn neighbouring_ranges_share_a_request() {
    let server = Server::start([("/a", content(1 << 20))]);
    let text = ranges::read(&server.url("/a"), &[1000..2000, 2000..5000, 900_000..900_100]).await.unwrap();
    let begins = format!("{:?}", &content(16)[..]);
    assert!(text.starts_with(&format!("1048576 bytes, begins with {begins}\n1000..2000: 1000 bytes\n")), "{text}");
    assert!(text.ends_with(&format!("{} requests, 4116 bytes\n", server.log().len())), "{text}");
    assert_eq!(server.log().len(), 3);
}
