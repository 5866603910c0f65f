//! The bands of all files as one raster.

use std::fmt;
use std::future::IntoFuture;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use cog_expression::{BandNames, Expression};
use cog_raster::ndarray::{Array3, Axis};
use cog_raster::{Nodata, Pixels, Raster, Sample, SampleType, Validity, dispatch};
use cog_read::{Cog, ReadCost};
use cog_warp::{Cutline, Method, OutputGrid, WarpProgress, WarpedRead, crs_of};
use futures_util::future::BoxFuture;
use futures_util::stream::{self, StreamExt, TryStreamExt};

use crate::composite::Composite;
use crate::composite::reader::Reader;
use crate::error::{Error, Result};
use crate::sample_types::{common, convert};

/// As many files are read side by side: each keeps all threads busy, and holds its part of the output.
const AT_ONCE: usize = 4;

/// How far a stack is: pixels of all files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StackProgress {
    /// Pixels that are made.
    pub done: u64,
    /// All of them.
    pub pixels: u64,
}

type Hook = Arc<dyn Fn(StackProgress) + Send + Sync>;

/// A request for the bands of all files in one grid; await it to get one [`Raster`].
///
/// Bands come in the order of the files, all of each, and are called as their file; of files with several bands `NAME_b1`, `NAME_b2`, ….
/// Samples have the smallest type that holds those of all files (NumPy's `result_type`). Each file is warped to the grid; where that is its own,
/// its pixels are copied. Each band has its own validity. Pixels without data have the nodata value of the files, if those that have one agree,
/// else 0; the raster has a nodata value where every file has this one.
#[must_use = "a request does nothing until it is awaited"]
pub struct StackRead {
    composite: Composite,
    grid: OutputGrid,
    method: Method,
    fill: Option<f64>,
    unscale: bool,
    cutline: Option<Cutline>,
    expression: Option<Expression>,
    /// Numbers of the bands of each file; all unless an expression needs some.
    selection: Option<Vec<Vec<usize>>>,
    hook: Option<Hook>,
}

impl Composite {
    /// Reads the bands of all files into one grid, as one raster.
    ///
    /// ```no_run
    /// # async fn example(composite: cog_mosaic::Composite) -> cog_mosaic::Result<()> {
    /// use cog_mosaic::warp::Method;
    ///
    /// let grid = composite.grid().await?; // that of the first file
    /// let raster = composite.stack(&grid).method(Method::Bilinear).await?;
    /// println!("{:?} {:?}", raster.band_names, raster.dim());
    /// # Ok(()) }
    /// ```
    pub fn stack(&self, grid: &OutputGrid) -> StackRead {
        StackRead {
            composite: self.clone(),
            grid: grid.clone(),
            method: Method::default(),
            fill: None,
            unscale: false,
            cutline: None,
            expression: None,
            selection: None,
            hook: None,
        }
    }

    /// The grid of the first file, which is opened for it.
    ///
    /// # Errors
    /// No files, and a file without CRS or transform, by its name.
    pub async fn grid(&self) -> Result<OutputGrid> {
        let first = self.readers().first().ok_or(Error::NoReaders)?;
        own_grid(&first.cog().await?).map_err(|e| e.of_reader(first.shared_name()))
    }
}

/// A file's own grid.
fn own_grid(cog: &Cog) -> Result<OutputGrid> {
    let location = || Arc::from(cog.location());
    let profile = cog.profile()?;
    let crs = crs_of(&profile)?.ok_or_else(|| cog_warp::Error::NoCrs { location: location() })?;
    let none = || cog_warp::Error::NoFileTransform { location: location(), reason: "it has none that is a grid" };
    let transform = cog.transform()?.ok_or_else(none)?;
    Ok(OutputGrid::new(crs, transform, profile.width, profile.height)?)
}

impl StackRead {
    /// How pixels are made; nearest neighbour unless set.
    pub fn method(mut self, method: Method) -> Self {
        self.method = method;
        self
    }

    /// What pixels without data are filled with.
    pub fn fill(mut self, fill: f64) -> Self {
        self.fill = Some(fill);
        self
    }

    /// Applies each band's scale and offset: pixels come as `f64`, those without data as NaN.
    pub fn unscale(mut self) -> Self {
        self.unscale = true;
        self
    }

    /// Polygons outside of which nothing is valid, in any CRS.
    pub fn cutline(mut self, cutline: Cutline) -> Self {
        self.cutline = Some(cutline);
        self
    }

    /// Makes bands by an expression of the files' names: `(nir - red) / (nir + red)`, several by `;`. Of a file with several bands `visual_b1` is the
    /// first, of one with a single band `red_b1` is `red`. Only files that it names are opened. Pixels come as `f32`, NaN where there is no value.
    pub fn expression(mut self, expression: Expression) -> Self {
        self.expression = Some(expression);
        self
    }

    /// Calls `hook` as parts of the output are done.
    pub fn progress(mut self, hook: impl Fn(StackProgress) + Send + Sync + 'static) -> Self {
        self.hook = Some(Arc::new(hook));
        self
    }

    /// The raster, and what it cost to read the files: times and blocks of all of them together.
    ///
    /// # Errors
    /// As awaiting the request: no files; of the first that fails, in order, by its name; an output over the limit of the session.
    pub async fn with_cost(mut self) -> Result<(Raster, ReadCost)> {
        let Some(expression) = self.expression.take() else { return self.bands().await };
        self.composite = self.composite.named_by(&expression)?;
        let cogs = self.composite.open().await?;
        let session = cogs.first().ok_or(Error::NoReaders)?.session().clone();
        let (names, bands) = band_names(self.composite.readers(), &cogs)?;
        let program = expression.bind(&names)?;
        let of_file = |file: usize| {
            let wanted = program.bands().iter().filter_map(|index| bands.get(*index));
            wanted.filter(|(own, _)| *own == file).map(|(_, band)| *band).collect()
        };
        self.selection = Some((0..cogs.len()).map(of_file).collect());
        let (raster, cost) = self.bands().await?;
        // The threads that decode have nothing else to do.
        let made = session.run(move || program.apply(&raster)).await;
        Ok((made.ok_or(Error::Internal { what: "evaluating an expression panicked" })??, cost))
    }

    /// The bands themselves.
    async fn bands(&self) -> Result<(Raster, ReadCost)> {
        let cogs = self.composite.open().await?;
        let first = cogs.first().ok_or(Error::NoReaders)?;
        let facts = self.facts(&cogs)?;
        let limit = first.session().limits().max_output_bytes;
        let shape = (facts.names.len(), self.grid.height() as usize, self.grid.width() as usize);
        let cells = (shape.0 as u64).saturating_mul(shape.1 as u64).saturating_mul(shape.2 as u64);
        // A byte of validity beside each sample.
        let bytes = cells.saturating_mul(facts.sample_type.size() as u64 + 1);
        if bytes > limit {
            return Err(cog_warp::Error::TooLarge { bytes, limit }.into());
        }
        let sample_type = facts.sample_type;
        dispatch!(sample_type, T => self.run::<T>(&cogs, facts, shape).await, other => Err(cog_warp::Error::SampleType { sample_type: other }.into()))
    }

    async fn run<T: Sample>(
        &self,
        cogs: &[Cog],
        facts: Facts,
        shape: (usize, usize, usize),
    ) -> Result<(Raster, ReadCost)> {
        let (_, rows, columns) = shape;
        let filled = Pixels::filled(T::TYPE, shape, None).and_then(|pixels| pixels.into_array::<T>().ok());
        let bytes = (shape.0 as u64) * (rows as u64) * (columns as u64) * T::TYPE.size() as u64;
        let mut out = Output {
            samples: filled.ok_or(cog_warp::Error::OutOfMemory { bytes })?,
            masks: None,
            fill: T::from_nodata(facts.fill),
            bands: 0,
        };
        let mut cost = ReadCost::default();
        let watch = Watch::new(self.hook.clone(), (rows as u64) * (columns as u64), cogs.len());
        let request = |(index, cog): (usize, &Cog)| self.request(index, cog, watch.hook(index));
        let requests: Vec<WarpedRead> = cogs.iter().enumerate().map(request).collect();
        let names: Vec<_> = self.composite.readers().iter().map(|reader| Arc::clone(reader.shared_name())).collect();
        let each = requests.into_iter().zip(names).map(|(request, name)| async move {
            request.with_cost().await.map_err(|e| Error::from(e).of_reader(&name))
        });
        let mut parts = stream::iter(each).buffered(AT_ONCE);
        while let Some((part, of_part)) = parts.try_next().await? {
            cost.fetch = cost.fetch.max(of_part.fetch);
            cost.decode += of_part.decode;
            cost.blocks += of_part.blocks;
            cost.sparse += of_part.sparse;
            out.put(part);
        }
        drop(parts);
        if out.bands != shape.0 {
            return Err(Error::Internal { what: "a file has another number of bands than it said" });
        }
        let mut raster = Raster::new(out.samples, out.masks.map_or(Validity::AllValid, Validity::PerBand));
        raster.transform = Some(self.grid.transform());
        raster.epsg = self.grid.crs().epsg().and_then(|code| u16::try_from(code).ok());
        raster.nodata = facts.nodata;
        raster.band_names = facts.names.into_iter().map(Some).collect();
        Ok((raster, cost))
    }

    fn request(
        &self,
        index: usize,
        cog: &Cog,
        hook: Option<impl Fn(WarpProgress) + Send + Sync + 'static>,
    ) -> WarpedRead {
        let mut request = WarpedRead::new(cog, &self.grid).method(self.method);
        if let Some(cutline) = &self.cutline {
            request = request.cutline(cutline.clone());
        }
        if self.unscale {
            request = request.unscale();
        }
        if let Some(bands) = self.selected(index) {
            request = request.bands(bands.iter().copied());
        }
        match hook {
            Some(hook) => request.progress(hook),
            None => request,
        }
    }

    /// Numbers of the bands that are read of a file, where it is not all of them.
    fn selected(&self, file: usize) -> Option<&[usize]> {
        self.selection.as_ref()?.get(file).map(Vec::as_slice)
    }

    /// What the output will be, from the headers.
    fn facts(&self, cogs: &[Cog]) -> Result<Facts> {
        let mut sample_type: Option<SampleType> = None;
        let mut names = Vec::new();
        let mut nodatas: Vec<Option<Nodata>> = Vec::new();
        for (index, (reader, cog)) in self.composite.readers().iter().zip(cogs).enumerate() {
            let mut tiles = cog.tiles([]);
            if let Some(bands) = self.selected(index) {
                tiles = tiles.bands(bands.iter().copied());
            }
            let layout = tiles.layout().map_err(|e| Error::from(e).of_reader(reader.shared_name()))?;
            let own = if self.unscale { SampleType::F64 } else { layout.sample_type };
            sample_type = Some(sample_type.map_or(own, |so_far| common(so_far, own)));
            nodatas.push(layout.nodata);
            match layout.bands.as_slice() {
                [_] => names.push(reader.name().to_owned()),
                bands => names.extend(bands.iter().map(|band| numbered(reader.name(), *band))),
            }
        }
        let sample_type = sample_type.ok_or(Error::NoReaders)?;
        let holds = |nodata: &Nodata| dispatch!(sample_type, T => T::holds(nodata.as_f64()), _ => false);
        let mut known = nodatas.iter().flatten();
        let agreed = known.next().copied().filter(|first| known.all(|other| same(first, other)) && holds(first));
        let nodata = match (self.unscale, self.fill) {
            (true, _) => Some(Nodata::Float(f64::NAN)),
            (false, Some(_)) => None,
            (false, None) => agreed.filter(|_| nodatas.iter().all(Option::is_some)),
        };
        let fill = match (self.unscale, self.fill) {
            (_, Some(fill)) => Nodata::Float(fill),
            (true, None) => Nodata::Float(f64::NAN),
            (false, None) => agreed.unwrap_or(Nodata::Float(0.0)),
        };
        Ok(Facts { sample_type, names, nodata, fill })
    }
}

/// A band of a file with several.
fn numbered(file: &str, band: usize) -> String {
    format!("{file}_b{band}")
}

/// What the bands of files are called in expressions; and of each band the file, and its number there.
fn band_names(readers: &[Reader], cogs: &[Cog]) -> Result<(BandNames, Vec<(usize, usize)>)> {
    let (mut names, mut bands) = (BandNames::default(), Vec::new());
    for (file, (reader, cog)) in readers.iter().zip(cogs).enumerate() {
        let layout = cog.tiles([]).layout().map_err(|e| Error::from(e).of_reader(reader.shared_name()))?;
        if layout.bands.len() == 1 {
            names = names.with(reader.name(), bands.len());
        }
        for band in layout.bands {
            names = names.with(numbered(reader.name(), band), bands.len());
            bands.push((file, band));
        }
    }
    Ok((names, bands))
}

impl Composite {
    /// The files that an expression names, none of which need be open: by their names, or by `NAME_b1` and so on for their bands.
    ///
    /// # Errors
    /// Names that are those of no file.
    pub fn named_by(&self, expression: &Expression) -> Result<Composite> {
        let mut names = BandNames::new(self.names().enumerate().map(|(index, name)| (name, index)));
        for name in expression.names() {
            // How many bands a file has is not known yet.
            let Some((file, band)) = name.rsplit_once('_').filter(|(_, band)| band.len() > 1) else { continue };
            let is_band = band.starts_with(['b', 'B']) && band.bytes().skip(1).all(|digit| digit.is_ascii_digit());
            if let Some(index) = names.find(file).filter(|_| is_band && names.find(name).is_none()) {
                names = names.with(name, index);
            }
        }
        let program = expression.bind(&names)?;
        let mut index = 0;
        Ok(self.filter(|_| {
            index += 1;
            program.bands().contains(&(index - 1))
        }))
    }
}

/// What the output is.
struct Facts {
    sample_type: SampleType,
    names: Vec<String>,
    nodata: Option<Nodata>,
    fill: Nodata,
}

fn same(a: &Nodata, b: &Nodata) -> bool {
    a == b || a.as_f64() == b.as_f64() || a.as_f64().is_nan() && b.as_f64().is_nan()
}

/// The output, filled from its first band on.
struct Output<T> {
    samples: Array3<T>,
    /// Nothing while all is valid.
    masks: Option<Array3<u8>>,
    /// What pixels without data have.
    fill: T,
    /// Bands that are there.
    bands: usize,
}

impl<T: Sample> Output<T> {
    /// Adds the bands of a file.
    fn put(&mut self, part: Raster) {
        let (bands, rows, columns) = part.dim();
        let all_valid = matches!(part.validity, Validity::AllValid);
        if !all_valid && self.masks.is_none() {
            self.masks = Some(Array3::from_elem(self.samples.dim(), 255));
        }
        if let Ok(samples) = convert(part.pixels, T::TYPE).into_array::<T>() {
            for (index, from) in samples.outer_iter().enumerate() {
                let band = self.bands + index;
                if band >= self.samples.dim().0 {
                    break;
                }
                let mut to = self.samples.index_axis_mut(Axis(0), band);
                to.assign(&from);
                if let Some(masks) = self.masks.as_mut().filter(|_| !all_valid) {
                    let valid = part.validity.band(index, rows, columns);
                    let fill = self.fill;
                    to.zip_mut_with(&valid, |to, valid| {
                        if *valid == 0 {
                            *to = fill
                        }
                    });
                    masks.index_axis_mut(Axis(0), band).assign(&valid);
                }
            }
        }
        self.bands += bands;
    }
}

/// How far all files are together.
struct Watch {
    hook: Option<Hook>,
    /// Of each file.
    done: Arc<[AtomicU64]>,
    pixels: u64,
}

impl Watch {
    fn new(hook: Option<Hook>, pixels: u64, files: usize) -> Watch {
        let done = (0..files).map(|_| AtomicU64::new(0)).collect();
        Watch { hook, done, pixels: pixels.saturating_mul(files as u64) }
    }

    /// What one file calls.
    fn hook(&self, file: usize) -> Option<impl Fn(WarpProgress) + Send + Sync + 'static> {
        let (hook, done, pixels) = (self.hook.clone()?, Arc::clone(&self.done), self.pixels);
        Some(move |now: WarpProgress| {
            if let Some(own) = done.get(file) {
                own.store(now.done, Ordering::Relaxed);
            }
            hook(StackProgress { done: done.iter().map(|file| file.load(Ordering::Relaxed)).sum(), pixels });
        })
    }
}

impl IntoFuture for StackRead {
    type Output = Result<Raster>;
    type IntoFuture = BoxFuture<'static, Result<Raster>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { Ok(self.with_cost().await?.0) })
    }
}

impl fmt::Debug for StackRead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (files, width, height) = (self.composite.len(), self.grid.width(), self.grid.height());
        write!(f, "StackRead({files} files, {width} × {height} pixels)")
    }
}
