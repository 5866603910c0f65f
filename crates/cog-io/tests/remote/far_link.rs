//! A server that is far away: every byte comes 50 ms later in each direction, as many of them as the link is sent.
#![cfg(feature = "tls")]

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use cog_io::Session;
use cog_testkit::server::Server;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::sleep_until;

use super::{content, open, quick};

const ONE_WAY: Duration = Duration::from_millis(50);

/// Listens on a port of its own and passes everything on to `to`, late.
async fn link(to: SocketAddr) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((near, _)) = listener.accept().await {
            let far = TcpStream::connect(to).await.unwrap();
            let (near_read, near_write) = near.into_split();
            let (far_read, far_write) = far.into_split();
            tokio::spawn(carry(near_read, far_write));
            tokio::spawn(carry(far_read, near_write));
        }
    });
    address
}

async fn carry(mut from: impl AsyncReadExt + Unpin, mut to: impl AsyncWriteExt + Unpin + Send + 'static) {
    // The link holds what is under way.
    let (under_way, mut arriving) = mpsc::unbounded_channel::<(Instant, Vec<u8>)>();
    tokio::spawn(async move {
        while let Some((at, bytes)) = arriving.recv().await {
            sleep_until(at.into()).await;
            if to.write_all(&bytes).await.is_err() {
                break;
            }
        }
    });
    let mut buffer = vec![0; 1 << 18];
    while let Ok(n @ 1..) = from.read(&mut buffer).await {
        if under_way.send((Instant::now() + ONE_WAY, buffer[..n].to_vec())).is_err() {
            break;
        }
    }
}

#[tokio::test]
async fn http2_windows_let_a_far_server_send_without_waiting() {
    let server = Server::start_tls([("/a", content(34 << 20))]);
    let near: SocketAddr = server.url("").replace("https://localhost", "127.0.0.1").parse().unwrap();
    let url = format!("https://localhost:{}/a", link(near).await.port());
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), server.ca_pem().unwrap()).unwrap();
    let source = open(&Session::new(quick().with_ca_file(file.path())), &url).await;
    source.read_first(10).await.unwrap();
    let started = Instant::now();
    // Four reads of 8 MiB, the longest that merging makes.
    let ranges: Vec<_> = (0..4u64).map(|i| (i << 23) + 100..((i + 1) << 23) - 100).collect();
    let parts = source.read_ranges(&ranges).await.unwrap();
    let took = started.elapsed();
    assert_eq!(parts[3], content(34 << 20)[(3 << 23) + 100..(4 << 23) - 100]);
    assert!(server.log().iter().all(|entry| entry.http2));
    // 32 MiB through the windows that HTTP/2 begins with (64 KiB a connection) is 512 round trips of 100 ms.
    assert!(took < Duration::from_secs(8), "{took:?}");
}
