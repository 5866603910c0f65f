//! The bands of all files as one raster.

mod named;
mod output;

use std::fmt;
use std::future::IntoFuture;
use std::sync::Arc;

use cog_expression::{Expression, Program};
use cog_raster::ndarray::Array3;
use cog_raster::{Nodata, Raster, Sample, SampleType, Validity, dispatch};
use cog_read::{Cog, ReadCost, Session};
use cog_warp::{Cutline, Method, OutputGrid, WarpedRead, crs_of};
use futures_util::future::BoxFuture;
use futures_util::stream::{self, StreamExt, TryStreamExt};

use self::named::{band_names, numbered};
use self::output::{Output, Watch, bytes_of, slabs};
use crate::composite::Composite;
use crate::error::{Error, Result};
use crate::sample_types::common;

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

pub(super) type Hook = Arc<dyn Fn(StackProgress) + Send + Sync>;

/// A request for the bands of all files in one grid; await it to get one [`Raster`].
///
/// Bands come in the order of the files, all of each, and are called as their file; of files with several bands `NAME_b1`, `NAME_b2`, ….
/// Samples have the smallest type that holds those of all files (NumPy's `result_type`). Each file is warped to the grid; where that is its own,
/// its pixels are copied. Each band has its own validity. Pixels without data have the nodata value of the files, if those that have one agree,
/// else 0; the raster has a nodata value where every file has this one.
#[derive(Clone)]
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
        self.evaluate(&session, Arc::new(program), self.facts(&cogs)?).await
    }

    /// What an expression makes of the bands, slab after slab of the grid, so that they need not be held besides.
    async fn evaluate(&self, session: &Session, program: Arc<Program>, facts: Facts) -> Result<(Raster, ReadCost)> {
        let (rows, columns) = (self.grid.height() as usize, self.grid.width() as usize);
        let shape = (program.texts().len(), rows, columns);
        check(bytes_of(shape, SampleType::F32), session)?;
        let slabs = slabs(rows, bytes_of((facts.names.len(), 1, columns), facts.sample_type));
        let files = self.composite.len() as u64;
        let all = (rows as u64).saturating_mul(columns as u64).saturating_mul(files);
        let mut out = Output::<f32>::new(shape, Nodata::Float(f64::NAN))?;
        let mut cost = ReadCost::default();
        for slab in slabs {
            let done = (slab.row as u64).saturating_mul(columns as u64).saturating_mul(files);
            let hook = self.hook.clone().map(|hook| {
                let of_all = move |now: StackProgress| hook(StackProgress { done: done + now.done, pixels: all });
                Arc::new(of_all) as Hook
            });
            let part = StackRead { grid: slab.of(&self.grid)?, hook, ..self.clone() };
            let (raster, of_part) = part.bands().await?;
            add(&mut cost, &of_part);
            let program = Arc::clone(&program);
            // The threads that decode have nothing else to do.
            let made = session.run(move || program.apply(&raster)).await;
            out.put((0, slab.row), made.ok_or(Error::Internal { what: "evaluating an expression panicked" })??);
        }
        let (samples, validity) = out.done();
        let names = program.texts().iter().cloned();
        Ok((self.raster(samples, validity, Some(Nodata::Float(f64::NAN)), names), cost))
    }

    /// The bands themselves.
    async fn bands(&self) -> Result<(Raster, ReadCost)> {
        let cogs = self.composite.open().await?;
        let first = cogs.first().ok_or(Error::NoReaders)?;
        let facts = self.facts(&cogs)?;
        let shape = (facts.names.len(), self.grid.height() as usize, self.grid.width() as usize);
        check(bytes_of(shape, facts.sample_type), first.session())?;
        let sample_type = facts.sample_type;
        dispatch!(sample_type, T => self.run::<T>(&cogs, facts, shape).await, other => Err(cog_warp::Error::SampleType { sample_type: other }.into()))
    }

    /// File after file, and each in slabs: what is held beside the output does not grow with it.
    async fn run<T: Sample>(
        &self,
        cogs: &[Cog],
        facts: Facts,
        shape: (usize, usize, usize),
    ) -> Result<(Raster, ReadCost)> {
        let (_, rows, columns) = shape;
        let mut out = Output::<T>::new(shape, facts.fill)?;
        let mut parts = Vec::new();
        let mut first_band = 0;
        for (file, (cog, reader)) in cogs.iter().zip(self.composite.readers()).enumerate() {
            let (bands, sample_type) = facts.files.get(file).copied().unwrap_or((0, T::TYPE));
            for slab in slabs(rows, bytes_of((bands, 1, columns), sample_type)) {
                let request = self.request(file, cog, &slab.of(&self.grid)?);
                parts.push(((first_band, slab.row), request, Arc::clone(reader.shared_name())));
            }
            first_band += bands;
        }
        let pixels = (rows as u64).saturating_mul(columns as u64).saturating_mul(cogs.len() as u64);
        let watch = Watch::new(self.hook.clone(), pixels, parts.len());
        let each = parts.into_iter().enumerate().map(|(index, (place, mut request, name))| {
            if let Some(hook) = watch.hook(index) {
                request = request.progress(hook);
            }
            async move {
                let (part, cost) = request.with_cost().await.map_err(|e| Error::from(e).of_reader(&name))?;
                Ok::<_, Error>((place, part, cost))
            }
        });
        let each: Vec<_> = each.collect();
        let mut parts = stream::iter(each).buffered(AT_ONCE);
        let mut cost = ReadCost::default();
        while let Some((place, part, of_part)) = parts.try_next().await? {
            add(&mut cost, &of_part);
            out.put(place, part);
        }
        drop(parts);
        let (samples, validity) = out.done();
        Ok((self.raster(samples, validity, facts.nodata, facts.names), cost))
    }

    fn raster<T: Sample>(
        &self,
        samples: Array3<T>,
        validity: Validity,
        nodata: Option<Nodata>,
        names: impl IntoIterator<Item = String>,
    ) -> Raster {
        let mut raster = Raster::new(samples, validity);
        raster.transform = Some(self.grid.transform());
        raster.epsg = self.grid.crs().epsg().and_then(|code| u16::try_from(code).ok());
        raster.nodata = nodata;
        raster.band_names = names.into_iter().map(Some).collect();
        raster
    }

    fn request(&self, index: usize, cog: &Cog, grid: &OutputGrid) -> WarpedRead {
        let mut request = WarpedRead::new(cog, grid).method(self.method);
        if let Some(cutline) = &self.cutline {
            request = request.cutline(cutline.clone());
        }
        if self.unscale {
            request = request.unscale();
        }
        if let Some(bands) = self.selected(index) {
            request = request.bands(bands.iter().copied());
        }
        request
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
        let mut files = Vec::new();
        for (index, (reader, cog)) in self.composite.readers().iter().zip(cogs).enumerate() {
            let mut tiles = cog.tiles([]);
            if let Some(bands) = self.selected(index) {
                tiles = tiles.bands(bands.iter().copied());
            }
            let layout = tiles.layout().map_err(|e| Error::from(e).of_reader(reader.shared_name()))?;
            let own = if self.unscale { SampleType::F64 } else { layout.sample_type };
            sample_type = Some(sample_type.map_or(own, |so_far| common(so_far, own)));
            nodatas.push(layout.nodata);
            files.push((layout.bands.len(), own));
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
        Ok(Facts { sample_type, files, names, nodata, fill })
    }
}

/// What the output is.
struct Facts {
    sample_type: SampleType,
    /// Bands of each file, and the type of their samples.
    files: Vec<(usize, SampleType)>,
    names: Vec<String>,
    nodata: Option<Nodata>,
    fill: Nodata,
}

fn same(a: &Nodata, b: &Nodata) -> bool {
    a == b || a.as_f64() == b.as_f64() || a.as_f64().is_nan() && b.as_f64().is_nan()
}

/// Adds the cost of a part.
fn add(cost: &mut ReadCost, part: &ReadCost) {
    cost.fetch = cost.fetch.max(part.fetch);
    cost.decode += part.decode;
    cost.blocks += part.blocks;
    cost.sparse += part.sparse;
}

/// An output over the limit of the session.
fn check(bytes: u64, session: &Session) -> Result<()> {
    let limit = session.limits().max_output_bytes;
    if bytes > limit { Err(cog_warp::Error::TooLarge { bytes, limit }.into()) } else { Ok(()) }
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
