//! The command line: arguments and nothing else. One file a command.

mod answers;
mod bounds;
mod completions;
mod convert;
mod create_tms;
mod creation;
mod grid;
mod help;
mod info;
mod man;
mod mosaic;
mod point;
mod preview;
mod read;
mod rendering;
mod selection;
mod stac;
mod stats;
mod tags;
mod tile;
mod tms;
mod tuning;
mod validate;
mod values;
mod warping;

use clap::error::ErrorKind;
use clap::{Args, CommandFactory, Parser, Subcommand};

pub(crate) use self::answers::Answers;
pub(crate) use self::bounds::Bounds;
pub(crate) use self::completions::{Completions, Shell};
pub(crate) use self::convert::{BLOCK, Compress, Convert, CopyBlocks, GOOGLE_MAPS, PredictorChoice, WEB_MERCATOR};
pub(crate) use self::create_tms::CreateTms;
pub(crate) use self::grid::Grid;
pub(crate) use self::info::Info;
pub(crate) use self::man::Man;
pub(crate) use self::mosaic::{Mosaic, MosaicCommand, MosaicCreate, MosaicRead};
pub(crate) use self::point::Point;
pub(crate) use self::preview::Preview;
pub(crate) use self::read::Read;
pub(crate) use self::rendering::Rendering;
pub(crate) use self::selection::{Selection, select};
pub(crate) use self::stac::Stac;
pub(crate) use self::stats::Stats;
pub(crate) use self::tags::Tags;
pub(crate) use self::tile::Tile;
pub(crate) use self::tms::Tms;
pub(crate) use self::tuning::Tuning;
pub(crate) use self::validate::{Rules, Validate};
pub(crate) use self::values::Resample;
pub(crate) use self::warping::{Cut, Formulas, Warping};
use crate::exit::Exit;
use crate::output::stderr;

/// What a Cloud Optimized GeoTIFF is, and its pixels.
///
/// A LOCATION is a path, file://, http(s)://, s3://, gs://, az:// or abfs:// URL, or GDAL's /vsicurl/, /vsis3/, /vsigs/,
/// /vsiaz/ form of one; - is a TIFF on standard input. GTIFF_DIR:N:LOCATION is its Nth directory (IFD), counted from 1.
#[derive(Parser, Debug)]
#[command(name = "cog", version, arg_required_else_help = true, max_term_width = 100, after_help = help::short(), after_long_help = help::long())]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    global: Global,
    /// Install completion of arguments for this shell, the one this runs in unless given.
    #[arg(long, value_name = "SHELL", num_args = 0..=1)]
    install_completion: Option<Option<Shell>>,
    /// Print what --install-completion installs.
    #[arg(long, value_name = "SHELL", num_args = 0..=1, conflicts_with = "install_completion")]
    show_completion: Option<Option<Shell>>,
}

/// What every command takes.
#[derive(Args, Debug)]
pub(crate) struct Global {
    #[command(flatten)]
    pub(crate) verbosity: Verbosity,
    /// Print one JSON object on the last line of standard error: requests, bytes, times.
    #[arg(long, global = true)]
    pub(crate) stats: bool,
    /// Also read what lies beside a file, as GDAL does: overviews in NAME.ovr, a mask in NAME.msk, and CRS, transform, nodata
    /// and metadata in NAME.aux.xml, a transform in a world file (.tfw, .tifw, .wld).
    #[arg(long, global = true, alias = "sidecars")]
    pub(crate) side_cars: bool,
    /// Trust the size of a file alone while it is read, not its ETag and Last-Modified: for servers whose mirrors do not
    /// agree on them (PIN_VERSION=NO).
    #[arg(long, global = true)]
    pub(crate) no_pin: bool,
}

/// How much is said on standard error.
#[derive(Args, Debug)]
pub(crate) struct Verbosity {
    /// Say nothing but errors: no progress, no logs.
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Log each request; -vv logs the headers of requests and answers too, without their secrets.
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
}

#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    /// Describe files: size, bands, CRS, compression, levels, block sizes, header size.
    Info(Info),
    /// List every tag of every IFD.
    Tags(Tags),
    /// Print the outline of files as GeoJSON.
    Bounds(Bounds),
    /// List tile matrix sets, or print one as JSON (OGC TMS 2.0): a known one, or that of a file's blocks.
    Tms(Tms),
    /// Print a tile matrix set (OGC TMS 1.0, as aiocogeo) for the blocks of a file and its overviews.
    CreateTms(CreateTms),
    /// Read pixels into a file: an array or a picture, in the file's own grid or warped to another.
    Read(Box<Read>),
    /// Make a map tile: an array or a picture.
    Tile(Tile),
    /// Print the values at places.
    Point(Point),
    /// Print statistics of each band.
    Stats(Stats),
    /// Write a Cloud Optimized GeoTIFF.
    Convert(Box<Convert>),
    /// Make a small picture, or draw it in the terminal.
    Preview(Preview),
    /// List the assets of a STAC item: size, CRS, type, bands; or read them as bands of one array.
    Stac(Box<Stac>),
    /// Read many files as one, or write down which of them lie where.
    Mosaic(Box<Mosaic>),
    /// Tell whether files are valid COGs, and why not: the verdicts of rio-cogeo, GDAL and OGC 21-026.
    Validate(Validate),
    /// Print what a shell has to read to complete the arguments of cog.
    Completions(Completions),
    /// Print a page of the manual, or write all of them.
    Man(Man),
}

impl Command {
    /// An error with the usage of this command.
    fn refused(&self, problem: &str) -> clap::Error {
        let name = match self {
            Command::Preview(_) => "preview",
            Command::Tile(_) => "tile",
            Command::Stac(_) => "stac",
            Command::Point(_) => "point",
            Command::Mosaic(_) => "mosaic",
            Command::Convert(_) => "convert",
            _ => "read",
        };
        let mut cli = Cli::command();
        cli.build();
        let error = |command: &mut clap::Command| command.error(ErrorKind::ArgumentConflict, problem);
        cli.find_subcommand_mut(name)
            .map(error)
            .unwrap_or_else(|| Cli::command().error(ErrorKind::ArgumentConflict, problem))
    }

    /// What clap cannot tell: arguments that do not go together.
    fn check(&self) -> Result<(), String> {
        match self {
            Command::Read(read) => read.check(),
            Command::Preview(preview) => preview.check(),
            Command::Stac(stac) => stac.check(),
            Command::Point(point) => point.check(),
            Command::Tile(tile) => tile.resampling.warp().map(|_| ()),
            Command::Mosaic(mosaic) => mosaic.check(),
            _ => Ok(()),
        }
    }

    /// How much of the machine, for commands that decode.
    pub(crate) fn tuning(&self) -> Option<&Tuning> {
        match self {
            Command::Read(read) => Some(&read.tuning),
            Command::Stac(stac) => Some(&stac.tuning),
            Command::Convert(convert) => Some(&convert.tuning),
            Command::Mosaic(mosaic) => Some(mosaic.tuning()),
            Command::Tile(Tile { tuning, .. })
            | Command::Point(Point { tuning, .. })
            | Command::Stats(Stats { tuning, .. })
            | Command::Preview(Preview { tuning, .. }) => Some(tuning),
            Command::Info(_)
            | Command::Tags(_)
            | Command::Bounds(_)
            | Command::Tms(_)
            | Command::CreateTms(_)
            | Command::Validate(_)
            | Command::Completions(_)
            | Command::Man(_) => None,
        }
    }
}

/// What is to be done.
#[derive(Debug)]
pub(crate) enum Task {
    Run(Box<Command>, Global),
    ShowCompletion(Option<Shell>),
    InstallCompletion(Option<Shell>),
}

/// What this process was asked for; else how to end, once help or an error is printed.
pub(crate) fn parse() -> Result<Task, Exit> {
    Cli::try_parse_from(std::env::args_os().map(values::plain)).and_then(Cli::task).map_err(|error| {
        let printed = error.print();
        if error.use_stderr() {
            return Exit::Usage;
        }
        // Help and version were asked for: they are the output.
        match printed {
            Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
                stderr::line(&format!("cog: cannot write to standard output: {error}"));
                Exit::Failed
            }
            _ => Exit::Done,
        }
    })
}

impl Cli {
    fn task(self) -> Result<Task, clap::Error> {
        match self {
            Cli { show_completion: Some(shell), .. } => Ok(Task::ShowCompletion(shell)),
            Cli { install_completion: Some(shell), .. } => Ok(Task::InstallCompletion(shell)),
            Cli { command: Some(Command::Completions(Completions { shell })), .. } => Ok(Task::ShowCompletion(shell)),
            Cli { command: Some(mut command), global, .. } => {
                if let Command::Convert(convert) = &mut command {
                    let taken = convert.take_creation_options();
                    taken.map_err(|problem| command.refused(&problem))?;
                }
                command.check().map_err(|problem| command.refused(&problem))?;
                Ok(Task::Run(Box::new(command), global))
            }
            Cli { command: None, .. } => {
                let message = "a command is needed: cog --help lists them";
                Err(Cli::command().error(ErrorKind::MissingSubcommand, message))
            }
        }
    }
}
