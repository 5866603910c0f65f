//! One picture: from the segments of a stream to pixels.

use crate::codecs::jpeg::bit_reader::BitReader;
use crate::codecs::jpeg::coefficients::Coefficients;
use crate::codecs::jpeg::layout::{Layout, ScanHeader};
use crate::codecs::jpeg::name::NAME;
use crate::codecs::jpeg::pixels::Writer;
use crate::codecs::jpeg::plane::Plane;
use crate::codecs::jpeg::progressive::Scan;
use crate::codecs::jpeg::restart::Restart;
use crate::codecs::jpeg::sample::Sample;
use crate::codecs::jpeg::sequential::{self, Coded};
use crate::codecs::jpeg::stream::{self, DHT, DQT, DRI, EOI, SOS};
use crate::codecs::jpeg::tables::{Class, Quantisation, Tables};
use crate::codecs::jpeg::upsample::{Line, Upsampler};
use crate::cpu::Cpu;
use crate::error::{Error, Result};

/// More scans than any encoder makes; each may cost as much as the whole picture.
pub(super) const MAX_SCANS: u16 = 256;

/// How components become pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rendering {
    /// Brought to one size with libjpeg's filter.
    Stored,
    /// The same, and YCbCr turned into RGB.
    Rgb,
    /// Brought to one size by repetition.
    Repeated,
}

/// What stays from picture to picture.
#[derive(Debug, Default)]
pub(super) struct Memory<S> {
    tables: Tables,
    planes: [Plane<S>; 4],
    lines: [Line<S>; 4],
    coefficients: Coefficients,
}

/// What has come of each component's coefficients: the bit position of the last scan, none before the first.
type Progress = [[Option<u32>; 64]; 4];

/// Decodes the upper `rows` rows of the picture in `joined`, a whole stream of samples of type `S`, into `out`.
///
/// [`Error::Variant`] for sampling factors that this decoder has no filter for.
pub(super) fn decode<S: Sample>(
    joined: &[u8],
    cpu: Cpu,
    rendering: Rendering,
    rows: usize,
    memory: &mut Memory<S>,
    out: &mut [u8],
) -> Result<()> {
    memory.tables.forget();
    let mut interval = 0;
    let mut layout: Option<Layout> = None;
    let mut at = stream::segment(joined, 0)?.next;
    loop {
        let segment = stream::segment(joined, at)?;
        let payload = segment.payload;
        match (segment.marker, &layout) {
            (DQT, _) => memory.tables.quantisation_segment(payload)?,
            (DHT, _) => memory.tables.huffman_segment(payload)?,
            (DRI, _) => interval = restart_interval(payload)?,
            (0xc0..=0xc2, None) => layout = Some(Layout::parse(segment.marker, payload)?),
            (SOS, Some(layout)) => {
                let header = ScanHeader::parse(layout, payload)?;
                let out = S::slots(out);
                if layout.width * layout.components.len() * rows != out.len() || rows > layout.height {
                    return Err(Error::Usage("a slice of other length than the picture"));
                }
                let upsamplers: Vec<_> = layout
                    .components
                    .iter()
                    .map(|c| Upsampler::new(layout, c, rendering != Rendering::Repeated))
                    .collect();
                let mut picture = Picture { joined, cpu, rendering, rows, interval, layout, upsamplers, memory };
                return if layout.progressive || header.selected.len() != layout.components.len() {
                    picture.many_scans(header, segment.next, out)
                } else {
                    picture.one_scan(&header, segment.next, out)
                };
            }
            (SOS | EOI, _) => return Err(Error::corrupt(NAME, "no frame header before the picture")),
            _ => {}
        }
        at = segment.next;
    }
}

fn restart_interval(payload: &[u8]) -> Result<usize> {
    match payload {
        &[high, low] => Ok(usize::from(u16::from_be_bytes([high, low]))),
        _ => Err(Error::corrupt(NAME, format!("a restart interval of {} bytes", payload.len()))),
    }
}

struct Picture<'a, S> {
    joined: &'a [u8],
    cpu: Cpu,
    rendering: Rendering,
    rows: usize,
    interval: usize,
    layout: &'a Layout,
    upsamplers: Vec<Upsampler>,
    memory: &'a mut Memory<S>,
}

impl<S: Sample> Picture<'_, S> {
    fn rows_of_mcu(&self) -> usize {
        8 * self.layout.max_down
    }

    /// 1 if the last row of an MCU waits for the next MCU row.
    fn lag(&self) -> usize {
        usize::from(self.upsamplers.iter().any(Upsampler::needs_row_below))
    }

    /// MCU rows that the wanted pixel rows need.
    fn mcu_rows(&self) -> usize {
        (self.rows + self.lag()).min(self.layout.height).div_ceil(self.rows_of_mcu())
    }

    fn fit(&mut self) -> Result<()> {
        let planes = self.memory.planes.iter_mut().zip(&mut self.memory.lines);
        for (component, (plane, line)) in self.layout.components.iter().zip(planes) {
            plane.fit(component)?;
            line.fit(self.layout.width);
        }
        Ok(())
    }

    /// Writes the pixel rows that MCU row `mcu_row` completes, and makes the planes ready for the next.
    fn write(&mut self, mcu_row: usize, out: &mut [S::Bytes]) {
        let (height, lag) = (self.rows_of_mcu(), self.lag());
        let from = if mcu_row == 0 { 0 } else { mcu_row * height - lag };
        let to = if mcu_row + 1 == self.mcu_rows() { self.rows } else { (mcu_row + 1) * height - lag };
        let row_len = self.layout.width * self.layout.components.len();
        let Memory { planes, lines, .. } = &mut *self.memory;
        let to_rgb = self.rendering == Rendering::Rgb;
        let writer = Writer { cpu: self.cpu, layout: self.layout, upsamplers: &self.upsamplers, to_rgb };
        if let Some(out) = out.get_mut(from * row_len..to * row_len) {
            writer.rows(mcu_row, from, planes, lines, out);
        }
        planes.iter_mut().for_each(Plane::advance);
    }

    /// The usual kind: all components in one sequential scan.
    fn one_scan(&mut self, header: &ScanHeader, at: usize, out: &mut [S::Bytes]) -> Result<()> {
        self.fit()?;
        for selected in &header.selected {
            self.memory.tables.ensure_huffman(Class::Dc, selected.dc)?;
            self.memory.tables.ensure_huffman(Class::Ac, selected.ac)?;
        }
        let mut reader = BitReader::new(self.joined, at);
        let mut restart = Restart::every(self.interval);
        let mut predicted = [0; 4];
        for mcu_row in 0..self.mcu_rows() {
            let Memory { tables, planes, .. } = &mut *self.memory;
            let mut free = planes.each_mut().map(Some);
            let mut coded = Vec::with_capacity(4);
            for (selected, &predicted) in header.selected.iter().zip(&predicted) {
                let component = self.layout.components.get(selected.component);
                let plane = free.get_mut(selected.component).and_then(Option::take);
                let (Some(component), Some(plane)) = (component, plane) else { continue };
                coded.push(Coded {
                    across: component.across,
                    down: component.down,
                    dc: tables.huffman(Class::Dc, selected.dc)?,
                    ac: tables.huffman(Class::Ac, selected.ac)?,
                    quantisation: tables.quantisation(component.quantisation)?,
                    plane,
                    predicted,
                });
            }
            sequential::mcu_row(self.cpu, &mut reader, &mut restart, &mut coded, self.layout.mcus_across)?;
            for (keep, coded) in predicted.iter_mut().zip(&coded) {
                *keep = coded.predicted;
            }
            self.write(mcu_row, out);
        }
        Ok(())
    }

    /// All scans first, then all blocks.
    fn many_scans(&mut self, first: ScanHeader, at: usize, out: &mut [S::Bytes]) -> Result<()> {
        self.fit()?;
        let mcu_rows = self.mcu_rows();
        self.memory.coefficients.clear(self.layout, mcu_rows)?;
        let mut factors: [Option<Quantisation>; 4] = [None; 4];
        let mut progress: Progress = [[None; 64]; 4];
        let (mut header, mut at) = (Some(first), at);
        let mut scans = 0;
        let mut ended = false;
        loop {
            if let Some(header) = header.take() {
                scans += 1;
                if scans > MAX_SCANS {
                    // No variant, which another decoder would then try.
                    return Err(Error::corrupt(NAME, format!("more than {MAX_SCANS} scans")));
                }
                at = self.scan(&header, at, &mut factors, &mut progress)?;
            }
            // Once a sequential stream has brought every component nothing more can come.
            let complete = !self.layout.progressive && self.is_complete(&progress);
            if complete || at >= self.joined.len() {
                break;
            }
            let segment = match stream::segment(self.joined, at) {
                Ok(segment) => segment,
                Err(error) if !self.is_complete(&progress) => return Err(error),
                Err(_) => break,
            };
            match segment.marker {
                DQT => self.memory.tables.quantisation_segment(segment.payload)?,
                DHT => self.memory.tables.huffman_segment(segment.payload)?,
                DRI => self.interval = restart_interval(segment.payload)?,
                SOS => header = Some(ScanHeader::parse(self.layout, segment.payload)?),
                EOI => {
                    ended = true;
                    break;
                }
                _ => {}
            }
            at = segment.next;
        }
        // A stream may lack its end marker, but then nothing else; with it, libjpeg takes what there is.
        let every_dc =
            progress.iter().zip(&self.layout.components).all(|(p, _)| p.first().is_some_and(Option::is_some));
        if !every_dc || (!ended && !self.is_complete(&progress)) {
            return Err(Error::corrupt(NAME, "the stream ends too early"));
        }
        for mcu_row in 0..mcu_rows {
            let Memory { planes, coefficients, .. } = &mut *self.memory;
            let sources = self.layout.components.iter().zip(&factors).enumerate();
            for ((i, (component, factors)), plane) in sources.zip(planes) {
                let factors = factors.as_ref().ok_or_else(|| Error::corrupt(NAME, "a component has no scan"))?;
                coefficients.mcu_row(self.cpu, (i, component.down), mcu_row, factors, plane);
            }
            self.write(mcu_row, out);
        }
        Ok(())
    }

    /// Whether every coefficient came down to its last bit.
    fn is_complete(&self, progress: &Progress) -> bool {
        let components = progress.iter().zip(&self.layout.components);
        components.flat_map(|(bits, _)| bits).all(|&low| low == Some(0))
    }

    /// Reads one scan; where the next segment begins.
    fn scan(
        &mut self,
        header: &ScanHeader,
        at: usize,
        factors: &mut [Option<Quantisation>; 4],
        progress: &mut Progress,
    ) -> Result<usize> {
        for selected in &header.selected {
            let component = self.layout.components.get(selected.component);
            let places = factors.get_mut(selected.component).zip(progress.get_mut(selected.component));
            let (Some(component), Some((factors, progress))) = (component, places) else { continue };
            // The table is that in force when the component first comes.
            if factors.is_none() {
                *factors = Some(*self.memory.tables.quantisation(component.quantisation)?);
            }
            progress.iter_mut().take(header.last + 1).skip(header.first).for_each(|low| *low = Some(header.low));
        }
        let Memory { tables, coefficients, .. } = &mut *self.memory;
        let mut reader = BitReader::new(self.joined, at);
        let scan = Scan::new(self.layout, header, tables)?;
        scan.read(self.cpu, &mut reader, Restart::every(self.interval), coefficients)?;
        Ok(reader.next_marker())
    }
}
