//! Collections of items and answers of searches, page by page.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use cog_mosaic::io::Location;
use cog_mosaic::reader::Session;
use cog_mosaic::{Document, Error, ErrorClass, Limits, StacPages};
use cog_testkit::server::Server;
use serde_json::{Value, json};

use crate::scene;

fn item(id: &str) -> Value {
    let mut item = scene::json("item-1.0.json");
    item["id"] = id.into();
    item["links"] = json!([]);
    item
}

fn page(ids: &[&str], next: Option<Value>) -> Vec<u8> {
    let features: Vec<Value> = ids.iter().map(|id| item(id)).collect();
    let links: Vec<Value> = next.into_iter().collect();
    serde_json::to_vec(&json!({"type": "FeatureCollection", "features": features, "links": links})).unwrap()
}

fn next(href: &str) -> Option<Value> {
    Some(json!({"rel": "next", "href": href}))
}

async fn ids(pages: StacPages) -> Result<Vec<String>, Error> {
    Ok(pages.all().await?.iter().map(|item| item.id().to_owned()).collect())
}

#[tokio::test]
async fn pages_are_followed_until_there_is_no_next() {
    let server = Server::start([
        ("/api/search", page(&["a", "b"], next("./page2?token=secret"))),
        ("/api/page2", page(&["c"], next("/api/page3"))),
        ("/api/page3", page(&[], None)),
    ]);
    let session = Session::default();
    let mut pages = StacPages::open(&session, server.url("/api/search?limit=2")).unwrap();
    assert_eq!(server.log().len(), 0);
    let first = pages.next_page().await.unwrap().unwrap();
    assert_eq!(server.log().len(), 1, "a page is fetched when it is asked for");
    let red = first[0].asset("red").unwrap().location().unwrap();
    assert_eq!(
        red.to_string(),
        server.url("/api/red.tif"),
        "hrefs count from the page, where an item does not say where it is"
    );
    assert!(!format!("{pages:?}").contains("secret"), "{pages:?}");
    assert_eq!(pages.next_page().await.unwrap().unwrap()[0].id(), "c");
    assert_eq!(pages.next_page().await.unwrap().unwrap().len(), 0);
    assert!(pages.next_page().await.unwrap().is_none());
    let asked: Vec<_> = server.log().into_iter().map(|request| request.path).collect();
    assert_eq!(asked, ["/api/search?limit=2", "/api/page2?token=secret", "/api/page3"]);
}

#[tokio::test]
async fn an_item_alone_is_a_page_and_a_collection_of_items_in_a_file_too() {
    let session = Session::default();
    let alone = StacPages::open(&session, scene::path("item-1.1.json").to_str().unwrap()).unwrap();
    assert_eq!(ids(alone).await.unwrap(), ["SCENE_20260601"]);
    let document = Document::parse("standard input", &page(&["a", "b"], None), &Limits::default()).unwrap();
    assert_eq!(ids(StacPages::from_document(&session, document, None)).await.unwrap(), ["a", "b"]);
}

#[tokio::test]
async fn next_links_that_lead_in_a_circle_are_an_error() {
    let session = Session::default();
    let server = Server::start([
        ("/self", page(&["a"], next("/self"))),
        ("/one", page(&["a"], next("/two"))),
        ("/two", page(&["b"], next("/one"))),
    ]);
    for (start, pages) in [("/self", 1), ("/one", 2)] {
        let error = ids(StacPages::open(&session, server.url(start)).unwrap()).await.unwrap_err();
        assert!(matches!(error, Error::CyclicPages { pages: read, .. } if read == pages), "{error}");
        assert_eq!(error.class(), ErrorClass::Format);
    }
    assert_eq!(server.log().len(), 3, "no page is fetched twice");
}

#[tokio::test]
async fn pages_items_and_bytes_are_bounded() {
    let session = Session::default();
    let server = Server::start([
        ("/1", page(&["a", "b"], next("/2"))),
        ("/2", page(&["c"], next("/3"))),
        ("/3", page(&["d"], None)),
    ]);
    let with = |limits: Limits| ids(StacPages::open(&session, server.url("/1")).unwrap().limits(limits));
    assert_eq!(with(Limits::default().with_max_pages(3).with_max_items(4)).await.unwrap().len(), 4);
    for (limits, says) in [
        (Limits::default().with_max_pages(2), "3 pages are more than the limit of 2 (Limits::max_pages)"),
        (Limits::default().with_max_items(3), "4 items are more than the limit of 3 (Limits::max_items)"),
        (
            Limits::default().with_max_total_bytes(10_000),
            "bytes of pages are more than the limit of 10000 (Limits::max_total_bytes)",
        ),
    ] {
        let error = with(limits).await.unwrap_err();
        assert_eq!(error.class(), ErrorClass::Limits);
        assert!(error.to_string().ends_with(says), "{error}");
    }
}

#[tokio::test]
async fn what_holds_no_items_is_an_error_that_says_what_it_is() {
    let session = Session::default();
    let server = Server::start([
        ("/collection", br#"{"type": "Collection", "links": []}"#.to_vec()),
        (
            "/features",
            br#"{"type": "FeatureCollection", "features": [{"type": "Feature", "geometry": null}]}"#.to_vec(),
        ),
        ("/next", page(&["a"], Some(json!({"rel": "next"})))),
        ("/delete", page(&["a"], Some(json!({"rel": "next", "href": "/x", "method": "DELETE"})))),
        ("/ftp", page(&["a"], next("ftp://host/next"))),
    ]);
    for (path, says) in [
        ("/collection", ": is a STAC collection, whose links lead to items, not STAC items"),
        ("/features", ", feature 0: is a GeoJSON Feature without assets, not a STAC item"),
        ("/next", ": its next link cannot be followed: it has no href"),
        ("/delete", ": its next link cannot be followed: its method is DELETE, not GET or POST"),
        ("/ftp", ": its next link cannot be followed: ftp://…: the scheme \"ftp\" is not supported"),
    ] {
        let error = ids(StacPages::open(&session, server.url(path)).unwrap()).await.unwrap_err().to_string();
        assert!(error.starts_with(&format!("{}{says}", server.url(path))), "{error}");
    }
}

/// A search that answers POST as the STAC API says: the bodies that came, and the answers that it gives in turn.
struct Search {
    url: String,
    came: Arc<Mutex<Vec<(String, Value)>>>,
}

impl Search {
    fn start(answers: Vec<(u16, String, Vec<u8>)>) -> Search {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let came = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&came);
        std::thread::spawn(move || {
            for (status, headers, body) in answers {
                let Ok((mut stream, _)) = listener.accept() else { return };
                let mut bytes = Vec::new();
                let mut buffer = [0; 4096];
                let (head, wanted) = loop {
                    let n = stream.read(&mut buffer).unwrap();
                    bytes.extend_from_slice(&buffer[..n]);
                    let text = String::from_utf8_lossy(&bytes).into_owned();
                    if let Some((head, _)) = text.split_once("\r\n\r\n") {
                        let length = head
                            .to_ascii_lowercase()
                            .lines()
                            .find_map(|l| l.strip_prefix("content-length: ")?.parse().ok());
                        break (head.to_owned(), head.len() + 4 + length.unwrap_or(0));
                    }
                };
                while bytes.len() < wanted {
                    let n = stream.read(&mut buffer).unwrap();
                    bytes.extend_from_slice(&buffer[..n]);
                }
                let sent = serde_json::from_slice(&bytes[head.len() + 4..]).unwrap_or(Value::Null);
                seen.lock().unwrap().push((head, sent));
                let head = format!(
                    "HTTP/1.1 {status} x\r\nconnection: close\r\n{headers}content-length: {}\r\n\r\n",
                    body.len()
                );
                stream.write_all(head.as_bytes()).unwrap();
                stream.write_all(&body).unwrap();
            }
        });
        Search { url, came }
    }
}

#[tokio::test]
async fn a_search_is_posted_and_its_next_pages_merged_as_the_stac_api_says() {
    let link = |body: Value, merge: bool| {
        Some(
            json!({"rel": "next", "href": "/search", "method": "POST", "body": body, "merge": merge, "headers": {"X-Page": "next"}}),
        )
    };
    let answers = vec![
        (200, String::new(), page(&["a"], link(json!({"token": "t2"}), true))),
        (503, "retry-after: 0\r\n".into(), Vec::new()),
        (200, String::new(), page(&["b"], link(json!({"token": "t3"}), false))),
        (307, "location: /moved?sig=secret\r\n".into(), Vec::new()),
        (200, String::new(), page(&["c"], None)),
    ];
    let search = Search::start(answers);
    let body = json!({"collections": ["scenes"], "limit": 1});
    let pages = StacPages::search(&Session::default(), format!("{}/search", search.url), &body).unwrap();
    assert_eq!(ids(pages).await.unwrap(), ["a", "b", "c"]);
    let came = search.came.lock().unwrap();
    let bodies: Vec<&Value> = came.iter().map(|(_, body)| body).collect();
    let merged = json!({"collections": ["scenes"], "limit": 1, "token": "t2"});
    assert_eq!(bodies, [&body, &merged, &merged, &json!({"token": "t3"}), &json!({"token": "t3"})]);
    assert!(
        came.iter().all(|(head, _)| head.starts_with("POST ")
            && head.to_ascii_lowercase().contains("content-type: application/json"))
    );
    assert!(came[1].0.to_ascii_lowercase().contains("x-page: next"));
    assert!(came[4].0.starts_with("POST /moved?sig=secret"));
}

#[tokio::test]
async fn a_search_that_cannot_be_posted_says_why() {
    let session = Session::default();
    let failed = Search::start(vec![(400, String::new(), br#"{"code": "BadRequest"}"#.to_vec())]);
    let pages = StacPages::search(&session, format!("{}/search?key=secret", failed.url), &json!({})).unwrap();
    let error = ids(pages).await.unwrap_err().to_string();
    assert!(error.starts_with(&format!("{}/search?key=…: HTTP 400", failed.url)), "{error}");

    let see_other = Search::start(vec![(303, "location: /x\r\n".into(), Vec::new())]);
    let pages = StacPages::search(&session, &see_other.url, &json!({})).unwrap();
    assert!(ids(pages).await.unwrap_err().to_string().contains("HTTP 303"));

    let local = StacPages::search(&session, "/data/search", &json!({})).unwrap();
    let error = ids(local).await.unwrap_err();
    assert_eq!(error.class(), ErrorClass::Unsupported);
    assert_eq!(
        error.to_string(),
        "/data/search: posting to it is not supported (only http and https locations can be posted to)"
    );
    assert!(Location::parse(&see_other.url).is_ok());
}
