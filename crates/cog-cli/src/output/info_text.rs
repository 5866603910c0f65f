//! `cog info` for people: the table that aiocogeo printed, and what it left out.

use std::fmt::Write;

use cog_crs::{Crs, GeographicBounds, Zooms};
use cog_read::tiff::{ColorMap, GeoTransform, Georeference, Image, Profile};
use cog_read::{BlockSizes, Level};

use crate::description::Described;
use crate::geography::{self, TILES};
use crate::output::cog_layout::Layout;
use crate::output::text::{one_line, shortened};

pub(crate) fn describe(file: &Described) -> cog_read::Result<String> {
    let cog = &file.cog;
    let profile = cog.profile()?;
    let mut out = String::new();
    let mut section = |title: &str, rows: &[(&str, String)]| {
        _ = writeln!(out, "{title}");
        let width = rows.iter().map(|(name, _)| name.len()).max().unwrap_or(0) + 1;
        for (name, value) in rows {
            _ = writeln!(out, "  {:<width$} {}", format!("{name}:"), one_line(value));
        }
        _ = writeln!(out);
    };

    let transform = profile.georeference.transform();
    let (left, bottom, right, top) = transform.unwrap_or(GeoTransform::IDENTITY).bounds(profile.width, profile.height);
    let colors: Vec<&str> = profile.color_interpretation.iter().map(|c| c.name()).collect();
    let mut rows = vec![
        ("Location", cog.location().to_string()),
        ("Driver", "GTiff".to_string()),
        ("File size", cog.source().size().map_or("unknown".to_string(), bytes)),
        ("Width", profile.width.to_string()),
        ("Height", profile.height.to_string()),
        ("Bands", profile.count.to_string()),
        ("Dtype", profile.dtype.to_string()),
        ("Colors", shortened(&colors.join(", "), 70)),
        ("Color table", profile.color_map.as_ref().map_or("none".to_string(), color_table)),
        ("Crs", file.geography.crs.as_ref().map_or("none".to_string(), crs)),
    ];
    match (&profile.georeference, transform) {
        (Georeference::Gcps(points), _) => {
            rows.push(("Georeference", format!("{} ground control points", points.len())))
        }
        (_, Some(t)) => {
            rows.push(("Origin", format!("({}, {})", t.c, t.f)));
            rows.push(("Resolution", format!("({}, {})", t.a, t.e)));
            if t.b != 0.0 || t.d != 0.0 {
                rows.push(("Rotation", format!("({}, {})", t.b, t.d)));
            }
            rows.push(("BoundingBox", format!("({left}, {bottom}, {right}, {top})")));
        }
        _ => {}
    }
    rows.extend(file.geography.bounds.map(|bounds| ("Geographic", degrees(bounds))));
    let zooms = |zooms: Zooms| ("Zooms", format!("{} to {} ({TILES})", zooms.min, zooms.max));
    rows.extend(file.geography.zooms.map(zooms));
    let nodata = profile.nodata.map_or("none".to_string(), |n| match n {
        cog_read::tiff::Nodata::Int(v) => v.to_string(),
        cog_read::tiff::Nodata::Uint(v) => v.to_string(),
        other => other.as_f64().to_string(),
    });
    let mask = file.levels.first().and_then(|level| level.mask);
    let own_ifds = cog.tiff().ifds().len();
    let header = cog.tiff().header();
    let variant = if header.variant == cog_read::tiff::Variant::Big { "BigTIFF" } else { "TIFF" };
    rows.extend([
        ("Layout", format!("{variant}, {} endian, {} interleaved", header.byte_order.name(), profile.interleave)),
        ("Compression", profile.compress.clone().unwrap_or_else(|| "none".to_string())),
        ("Photometric", profile.photometric.clone()),
        ("NoData", nodata),
        (
            "Internal mask",
            match mask {
                Some(ifd) if ifd < own_ifds => "yes",
                Some(_) => "no, it lies beside the file",
                None => "no",
            }
            .to_string(),
        ),
        ("Mask flags", shortened(&mask_flags(&profile), 70)),
        (
            "Block size",
            format!(
                "{}x{}, {}",
                profile.block_width,
                profile.block_height,
                if profile.tiled { "tiles" } else { "strips" }
            ),
        ),
        ("Overviews", overviews(&profile)),
        ("COG layout", Layout::of(file, &profile).verdict()),
        ("Pages", cog.page_count().to_string()),
        ("Header bytes", format!("{} fetched, {} with the last IFD value", file.header_bytes, cog.tiff().ifd_bytes())),
    ]);
    let beside = cog.side_cars();
    if !beside.is_empty() {
        rows.push(("Side-cars", beside.iter().map(|location| name_of(location)).collect::<Vec<_>>().join(", ")));
    }
    section("PROFILE", &rows);

    let full = file.levels.first().and_then(|level| cog.ifd(level.ifd).ok());
    if let Some(ifd) = full {
        for domain in &file.domains {
            let title =
                if domain.name.is_empty() { "TAGS".to_string() } else { format!("TAGS {}", one_line(&domain.name)) };
            let items: Vec<(&str, String)> =
                domain.items.iter().map(|(name, value)| (name.as_str(), shortened(value, 90))).collect();
            section(&title, &items);
        }
        for band in 1..=u32::from(profile.count.min(64)) {
            let mut items = Vec::<(String, String)>::new();
            let metadata = &profile.metadata;
            items.extend(metadata.description(band).map(|v| ("Description".to_string(), v.to_string())));
            items.extend(profile.unit(band).map(|v| ("Unit".to_string(), v.to_string())));
            if (metadata.scale(band), metadata.offset(band)) != (1.0, 0.0) {
                items.push((
                    "Scale, offset".to_string(),
                    format!("{}, {}", metadata.scale(band), metadata.offset(band)),
                ));
            }
            for domain in profile.band_tags(ifd, band) {
                items.extend(domain.items.into_iter().map(|(name, value)| (name, shortened(&value, 90))));
            }
            if !items.is_empty() {
                let items: Vec<(&str, String)> = items.iter().map(|(n, v)| (n.as_str(), v.clone())).collect();
                section(&format!("BAND {band}"), &items);
            }
        }
    }
    table(&mut out, "IFD", file.levels.iter().map(|level| row(level, &level.image, file.block_sizes.get(&level.ifd))));
    if mask.is_some() {
        let masks = file.levels.iter().filter_map(|level| {
            let ifd = level.mask?;
            let image = Image::of(cog.ifd(ifd).ok()?).ok()?;
            Some(row(level, &image, file.block_sizes.get(&ifd)))
        });
        _ = writeln!(out);
        table(&mut out, "MASK IFD", masks);
    }
    let of_crs = file.geography.crs.iter().flat_map(|crs| crs.warnings());
    let warnings: Vec<&String> = file.warnings.iter().chain(of_crs).collect();
    if !warnings.is_empty() {
        _ = writeln!(out, "\nWARNINGS");
        for warning in warnings {
            _ = writeln!(out, "  {}", one_line(warning));
        }
    }
    Ok(out)
}

/// Whole, and in KB, MB … of 1000.
fn bytes(count: u64) -> String {
    let (mut value, mut unit) = (count as f64, None);
    for name in ["KB", "MB", "GB", "TB", "PB", "EB"] {
        if value < 1000.0 {
            break;
        }
        (value, unit) = (value / 1000.0, Some(name));
    }
    unit.map_or(format!("{count} bytes"), |unit| format!("{count} bytes ({value:.1} {unit})"))
}

/// The number of colours, and the first ones.
fn color_table(map: &ColorMap) -> String {
    const SHOWN: usize = 4;
    let entries = map.entries();
    let shown = entries.iter().take(SHOWN).enumerate();
    let first: Vec<String> = shown.map(|(i, [r, g, b, a])| format!("{i}: {r},{g},{b},{a}")).collect();
    let more = if entries.len() > SHOWN { " …" } else { "" };
    format!("{} colors ({}{more})", entries.len(), first.join("  "))
}

/// The flags of each band; once if all bands have the same.
fn mask_flags(profile: &Profile) -> String {
    let mut all: Vec<String> = profile.mask_flags.iter().map(|flags| flags.names().join(" ")).collect();
    if all.iter().zip(all.iter().skip(1)).all(|(a, b)| a == b) {
        all.truncate(1);
    }
    all.join(", ")
}

fn overviews(profile: &Profile) -> String {
    let factors: Vec<String> = profile.overviews.iter().map(u32::to_string).collect();
    if factors.is_empty() { "none".to_string() } else { factors.join(", ") }
}

/// What stands behind the last slash, or all of it.
fn name_of(location: &str) -> &str {
    let path = location.split('?').next().unwrap_or(location);
    path.rsplit('/').next().unwrap_or(path)
}

/// Name, code and unit.
fn crs(crs: &Crs) -> String {
    let name = shortened(crs.name(), 60);
    let code = geography::code(crs).unwrap_or_else(|| format!("{}, no code", crs.kind()));
    let unit = crs.unit().map(|(unit, _)| format!(", {unit}")).unwrap_or_default();
    format!("{name} ({code}){unit}")
}

/// Six decimals are a tenth of a metre.
fn degrees(bounds: GeographicBounds) -> String {
    let [west, south, east, north] = bounds.to_array();
    let over = if bounds.crosses_antimeridian() { ", across the antimeridian" } else { "" };
    format!("({west:.6}, {south:.6}, {east:.6}, {north:.6}){over}")
}

/// Sizes are in KB of 1000 bytes, as aiocogeo printed them.
fn row(level: &Level, image: &Image, sizes: Option<&BlockSizes>) -> [String; 8] {
    let kb = |bytes: f64| format!("{:.3}", bytes / 1000.0);
    let of = |pick: fn(&BlockSizes) -> f64| sizes.map_or("-".to_string(), |s| kb(pick(s)));
    [
        level.index.to_string(),
        format!("{}x{}", image.width, image.height),
        format!("{}x{}", image.grid.block_width, image.grid.block_height),
        image.grid.count().to_string(),
        sizes.map_or("-".to_string(), |s| s.sparse.to_string()),
        of(|s| s.min as f64),
        of(|s| s.max as f64),
        of(BlockSizes::mean),
    ]
}

fn table(out: &mut String, title: &str, rows: impl Iterator<Item = [String; 8]>) {
    let head = ["Id", "Size", "BlockSize", "Blocks", "Sparse", "MinBlock (KB)", "MaxBlock (KB)", "MeanBlock (KB)"];
    let mut all = vec![head.map(str::to_string)];
    all.extend(rows);
    let width = |column: usize| all.iter().filter_map(|row| row.get(column)).map(String::len).max().unwrap_or(0);
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    _ = writeln!(out, "{title}");
    for row in &all {
        let cells: Vec<String> =
            row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}", width = *width)).collect();
        _ = writeln!(out, "  {}", cells.join("  ").trim_end());
    }
}
