//! `cog bounds`: the outlines of files as GeoJSON.

use anyhow::{Context as _, anyhow};
use cog_crs::{Crs, Footprint};
use cog_read::Cog;
use serde_json::{Value, json};

use crate::cli;
use crate::commands::files::{Answer, Files};
use crate::context::Context;
use crate::exit::Exit;
use crate::geography;

/// What GeoJSON has.
const WGS84: u32 = 4326;

/// Places between the corners of an edge, as rasterio has them.
const BETWEEN: u16 = 21;

pub(crate) async fn run(context: &mut Context, arguments: &cli::Bounds) -> anyhow::Result<Exit> {
    let cli::Bounds { locations, crs, densify, list, ndjson, page } = arguments;
    let wgs84 = Crs::from_epsg(WGS84)?;
    let target = crs.as_ref().unwrap_or(&wgs84);
    // RFC 7946 knows WGS 84 only; before it, a file named another CRS like this, and GDAL still does.
    let named = (*target != wgs84).then(|| urn(target)).flatten();
    let member = named.map(|name| json!({"type": "name", "properties": {"name": name}}));
    let work = async |cog: &Cog| feature(cog, target, *densify, member.as_ref()).map(Answer::Feature);
    let files = match ndjson {
        true => Files::feature_lines(locations, *page),
        false => Files::features(locations, *page, *list),
    };
    files.answer(context, work).await
}

fn feature(cog: &Cog, target: &Crs, densify: Option<u16>, member: Option<&Value>) -> anyhow::Result<Value> {
    let location = cog.location();
    let profile = cog.profile()?;
    let crs = cog_warp::crs_of(&profile).with_context(|| format!("{location}: the CRS is not known"))?;
    let crs = crs.with_context(|| format!("{location}: has no CRS"))?;
    let extent = geography::extent(&profile, &crs).map_err(|why| anyhow!("{location}: has no place: {why}"))?;
    let between = densify.unwrap_or(if crs == *target { 0 } else { BETWEEN });
    let footprint = extent.footprint(target, usize::from(between)).with_context(|| location.to_string())?;
    let mut feature = json!({"type": "Feature", "schema": "bounds-1", "bbox": footprint.bounds()});
    if let (Value::Object(map), Some(member)) = (&mut feature, member) {
        map.insert("crs".into(), member.clone());
    }
    if let Value::Object(map) = &mut feature {
        map.insert("properties".into(), json!({"crs": geography::code(&crs)}));
        map.insert("geometry".into(), geometry(&footprint));
    }
    Ok(feature)
}

fn geometry(footprint: &Footprint) -> Value {
    match footprint.polygons() {
        [ring] => json!({"type": "Polygon", "coordinates": [ring]}),
        rings => {
            let polygons: Vec<_> = rings.iter().map(|ring| [ring]).collect();
            json!({"type": "MultiPolygon", "coordinates": polygons})
        }
    }
}

/// The name of a CRS that has a code.
fn urn(crs: &Crs) -> Option<String> {
    match (crs.epsg(), crs.authority()?) {
        (Some(code), _) => Some(format!("urn:ogc:def:crs:EPSG::{code}")),
        (None, ("OGC", code)) => Some(format!("urn:ogc:def:crs:OGC:1.3:{code}")),
        (None, (authority, code)) => Some(format!("urn:ogc:def:crs:{authority}::{code}")),
    }
}
