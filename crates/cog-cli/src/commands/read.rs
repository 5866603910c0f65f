//! `cog read`: pixels into a file.

mod other_grid;
mod own_grid;

use cog_read::Cog;
use cog_read::tiff::SampleType;

use crate::cli;
use crate::commands::arrays::{Arrays, Targets};
use crate::commands::expressions::Expressions;
use crate::commands::geotiff::Own;
use crate::commands::look::Look;
use crate::context::Context;
use crate::output::drawing::Drawing;
use crate::output::format::FileFormat;
use crate::output::rows::Shape;

pub(crate) async fn run(context: &mut Context, arguments: &cli::Read) -> anyhow::Result<()> {
    let targets = Targets {
        pixels: Some(&arguments.output),
        mask: arguments.mask.as_ref(),
        grid: arguments.grid.as_ref(),
        format: arguments.rendering.format,
        usual: FileFormat::Npy,
    };
    let outputs = Arrays::create(context, std::slice::from_ref(&arguments.location), &targets)?;
    let cog = context.open(&arguments.location, arguments.selection.page).await?;
    let expressions = Expressions::of(&cog, &arguments.selection, &arguments.tuning)?;
    let look = Look::all(&cog, &arguments.selection, expressions.as_ref(), &arguments.rendering)?;
    let drawing = look.drawing(&arguments.rendering, false);
    let alone = outputs.format() == FileFormat::Npy && arguments.mask.is_none();
    let seen = !alone || arguments.rendering.colormap.is_some();
    let task = Task { cog: &cog, arguments, expressions: expressions.as_ref(), seen };
    // What is wrong with the type itself is told when the pixels are read.
    if let (None, false, Some(sample)) = (&expressions, arguments.unscale, task.sample()?) {
        drawing.check(sample, outputs.format())?;
    }
    let done = match arguments.is_warped() {
        true => other_grid::write(context, &task, outputs, &drawing).await,
        false => own_grid::write(context, &task, outputs, &drawing).await,
    };
    context.done(&cog);
    done
}

/// What is read.
struct Task<'a> {
    cog: &'a Cog,
    arguments: &'a cli::Read,
    expressions: Option<&'a Expressions>,
    /// Whether it matters which pixels hold data.
    seen: bool,
}

impl Task<'_> {
    /// What samples of the file are, once read.
    fn sample(&self) -> anyhow::Result<Option<SampleType>> {
        let full = self.cog.level(0)?;
        Ok(full.image.sample_type(self.cog.ifd(full.ifd)?).ok())
    }

    /// The file, if it is its bands that are read.
    fn own(&self, in_its_grid: bool) -> Option<Own<'_>> {
        self.expressions.is_none().then(|| Own {
            files: std::slice::from_ref(self.cog),
            in_its_grid,
            unscaled: self.arguments.unscale,
            raw_color: self.arguments.selection.raw_color,
            mixed: false,
        })
    }

    /// What is made of an array that was read.
    fn shape(&self, read: Shape) -> Shape {
        let (bands, rows, columns) = read.dim;
        match self.expressions {
            Some(expressions) => Shape { dim: (expressions.texts().len(), rows, columns), sample: SampleType::F32 },
            None => Shape { dim: (bands, rows, columns), ..read },
        }
    }
}

/// Whether an array of this shape, with which of its samples hold data, is more than may be in memory.
fn exceeds(task: &Task<'_>, shape: Shape) -> bool {
    let (bands, rows, columns) = shape.dim;
    let flags = if task.seen { (bands as u64).saturating_mul(rows as u64).saturating_mul(columns as u64) } else { 0 };
    shape.bytes().saturating_add(flags) > task.cog.session().limits().max_output_bytes
}

/// Whether an array of this shape is written by rows: where all of it need not be in memory, and is not small. `Some(true)` if bands have to come
/// one behind the other for that.
fn by_rows(task: &Task<'_>, shape: Shape, from: u64, outputs: &Arrays, drawing: &Drawing<'_>) -> Option<bool> {
    let (bands, bytes) = (shape.dim.0, shape.bytes());
    if bytes < from || !drawing.is_by_pixel() {
        return None;
    }
    let anywhere = outputs.takes_rows()?;
    if anywhere || bands == 1 && drawing.colors.is_none() {
        return Some(false);
    }
    // A pipe takes all of a band before the next: each is then read for itself, if memory asks for it.
    let plain = task.expressions.is_none() && drawing.colors.is_none() && !outputs.has_mask();
    (plain && exceeds(task, shape)).then_some(true)
}
