//! Collections of items and answers of searches, page by page.

use std::collections::{HashSet, VecDeque};
use std::fmt;
use std::sync::Arc;

use cog_io::Location;
use cog_read::Session;
use serde_json::{Map, Value};

use crate::documents::Document;
use crate::error::{Error, PageLimit, Result};
use crate::limits::Limits;
use crate::stac::found::found;
use crate::stac::item::{StacItem, own_location};
use crate::stac::{bounded, href};

/// Items page by page: a FeatureCollection of items, or the answer of a search, which goes on at its `next` link.
///
/// A page is fetched when it is asked for. Links are followed by GET, or by POST with `body`, `merge` and `headers` as the STAC API
/// says; one that leads where another did is an error, and so is more than [`Limits`] allow. An item by itself is a page of one.
///
/// What the session fetched by GET within the last minute ([`version_ttl`](cog_io::Config::version_ttl)) is not fetched again.
///
/// ```no_run
/// # async fn example() -> Result<(), cog_mosaic::Error> {
/// use cog_mosaic::StacPages;
/// use cog_mosaic::reader::Session;
///
/// let session = Session::default();
/// let search = "https://example.com/search?collections=sentinel-2-l2a&bbox=13,47,14,48";
/// let mut pages = StacPages::open(&session, search)?;
/// while let Some(items) = pages.next_page().await? {
///     for item in items {
///         println!("{} {:?}", item.id(), item.datetime());
///     }
/// }
/// # Ok(()) }
/// ```
pub struct StacPages {
    session: Session,
    limits: Limits,
    next: Option<Next>,
    /// Pages that were asked for.
    seen: HashSet<Ask>,
    pages: u64,
    items: u64,
    bytes: u64,
}

/// The page that comes next.
enum Next {
    /// One that is here, from where its links and items count.
    Here(Box<Document>, Option<Location>),
    Fetch(Ask),
}

/// A request for a page. Holds secrets.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Ask {
    location: Location,
    /// The JSON that is posted; nothing is a GET.
    body: Option<String>,
}

impl StacPages {
    /// The pages that begin at a location, none of which is fetched yet.
    ///
    /// # Errors
    /// A text that is no location.
    pub fn open(session: &Session, location: impl AsRef<str>) -> Result<StacPages> {
        Ok(StacPages::at(session, Location::parse(location.as_ref())?))
    }

    /// The same for a location that is parsed.
    pub fn at(session: &Session, location: Location) -> StacPages {
        StacPages::new(session, Next::Fetch(Ask { location, body: None }))
    }

    /// A search by POST: `body` has the members that the STAC API names (`collections`, `bbox`, `datetime`, `limit`, …).
    ///
    /// # Errors
    /// A text that is no location.
    pub fn search(session: &Session, location: impl AsRef<str>, body: &Value) -> Result<StacPages> {
        let location = Location::parse(location.as_ref())?;
        Ok(StacPages::new(session, Next::Fetch(Ask { location, body: Some(body.to_string()) })))
    }

    /// Pages of which the first is here. Hrefs are relative to `location`, or to `self` links where none is given.
    pub fn from_document(session: &Session, document: Document, location: Option<Location>) -> StacPages {
        StacPages::new(session, Next::Here(Box::new(document), location))
    }

    fn new(session: &Session, next: Next) -> StacPages {
        let limits = Limits::default();
        let (seen, next) = (HashSet::new(), Some(next));
        StacPages { session: session.clone(), limits, next, seen, pages: 0, items: 0, bytes: 0 }
    }

    /// Sets the bounds.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> StacPages {
        self.limits = limits;
        self
    }

    /// The items of the next page; `None` after the last.
    ///
    /// # Errors
    /// What the store says, a document that holds no items, a `next` link that leads back or that cannot be followed, and more pages,
    /// items or bytes than [`Limits`] allow. After an error there are no more pages.
    pub async fn next_page(&mut self) -> Result<Option<Vec<StacItem>>> {
        let Some(next) = self.next.take() else { return Ok(None) };
        let (document, base, asked) = match next {
            Next::Here(document, base) => (*document, base, None),
            Next::Fetch(ask) => {
                if !self.seen.insert(ask.clone()) {
                    return Err(Error::CyclicPages { location: ask.location.to_string().into(), pages: self.pages });
                }
                let document = self.fetch(&ask).await?;
                (document, Some(ask.location.clone()), ask.body)
            }
        };
        let name = Arc::clone(&document.name);
        self.pages += 1;
        self.bytes = self.bytes.saturating_add(document.bytes);
        self.within(&name, PageLimit::Bytes, self.bytes, self.limits.max_total_bytes)?;
        let (features, members) = match document.value {
            Value::Object(mut members) => match members.shift_remove("features") {
                Some(Value::Array(features)) => (features, members),
                _ if members.contains_key("assets") => {
                    return Ok(Some(vec![StacItem::new(name, Value::Object(members), base)?]));
                }
                _ => return Err(not_items(name, &Value::Object(members))),
            },
            other => return Err(not_items(name, &other)),
        };
        self.items = self.items.saturating_add(features.len() as u64);
        self.within(&name, PageLimit::Items, self.items, self.limits.max_items)?;
        let item = |(at, value): (usize, Value)| {
            let own = value.as_object().and_then(own_location);
            let called = format!("{name}, feature {at}").into();
            StacItem::new(called, value, own.or_else(|| base.clone()))
        };
        let items = features.into_iter().enumerate().map(item).collect::<Result<Vec<_>>>()?;
        let base = base.or_else(|| own_location(&members));
        if let Some(link) = next_link(&members) {
            self.within(&name, PageLimit::Pages, self.pages + 1, self.limits.max_pages)?;
            self.next = Some(Next::Fetch(follow(link, base.as_ref(), asked.as_deref(), &name)?));
        }
        Ok(Some(items))
    }

    /// All items of all pages.
    ///
    /// # Errors
    /// As [`next_page`](Self::next_page).
    pub async fn all(mut self) -> Result<Vec<StacItem>> {
        let mut items = VecDeque::new();
        while let Some(page) = self.next_page().await? {
            items.extend(page);
        }
        Ok(items.into())
    }

    async fn fetch(&self, ask: &Ask) -> Result<Document> {
        let io = self.session.io();
        match &ask.body {
            None => Document::open(io, &ask.location, &self.limits).await,
            Some(body) => Document::post(io, &ask.location, body, &self.limits).await,
        }
    }

    fn within(&self, location: &Arc<str>, what: PageLimit, value: u64, limit: u64) -> Result<()> {
        match value > limit {
            true => Err(Error::TooManyPages { location: Arc::clone(location), what, value, limit }),
            false => Ok(()),
        }
    }
}

impl fmt::Debug for StacPages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let StacPages { pages, items, .. } = self;
        match &self.next {
            Some(Next::Fetch(ask)) => write!(f, "StacPages({pages} pages, {items} items, next {})", ask.location),
            Some(Next::Here(document, _)) => write!(f, "StacPages({})", document.location()),
            None => write!(f, "StacPages({pages} pages, {items} items, no more)"),
        }
    }
}

fn not_items(location: Arc<str>, value: &Value) -> Error {
    Error::NotStac { location, wanted: "STAC items", found: found(value) }
}

fn next_link(members: &Map<String, Value>) -> Option<&Value> {
    let links = members.get("links")?.as_array()?;
    links.iter().find(|link| link.get("rel").and_then(Value::as_str) == Some("next"))
}

/// The request that a `next` link asks for, after one that posted `asked`.
fn follow(link: &Value, base: Option<&Location>, asked: Option<&str>, name: &Arc<str>) -> Result<Ask> {
    let wrong = |problem: String| Error::NextLink { location: Arc::clone(name), problem };
    let href = link.get("href").and_then(Value::as_str).ok_or_else(|| wrong("it has no href".into()))?;
    let mut location = href::resolve(href, base).map_err(|e| wrong(e.to_string()))?;
    for (header, value) in link.get("headers").and_then(Value::as_object).into_iter().flatten() {
        // One value, or a list of them.
        let values = match value {
            Value::Array(list) => list.as_slice(),
            one => std::slice::from_ref(one),
        };
        for value in values.iter().filter_map(Value::as_str) {
            location = location.with_header(header, value);
        }
    }
    let method = link.get("method").and_then(Value::as_str).unwrap_or("GET");
    let body = match method.to_ascii_uppercase().as_str() {
        "GET" => None,
        "POST" => {
            let own = link.get("body").filter(|body| !body.is_null());
            let merges = link.get("merge").and_then(Value::as_bool).unwrap_or(false);
            let body = match (asked.filter(|_| merges).map(serde_json::from_str::<Value>), own) {
                // What the link says replaces members of what was posted before.
                (Some(Ok(Value::Object(mut before))), Some(Value::Object(own))) => {
                    before.extend(own.clone());
                    Value::Object(before)
                }
                (Some(Ok(before)), None) => before,
                (_, Some(own)) => own.clone(),
                (_, None) => Value::Object(Map::new()),
            };
            Some(body.to_string())
        }
        other => return Err(wrong(format!("its method is {}, not GET or POST", bounded(other, 20)))),
    };
    Ok(Ask { location, body })
}
