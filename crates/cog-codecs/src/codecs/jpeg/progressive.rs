//! Scans that fill coefficients bit by bit or component by component: progressive ones (T.81 G) and those of sequential
//! streams with more than one scan.
#![allow(unsafe_code)]
#![allow(clippy::indexing_slicing, reason = "zigzag tables reach as far as a run can lead")]

use crate::codecs::jpeg::bit_reader::BitReader;
use crate::codecs::jpeg::coefficients::Coefficients;
use crate::codecs::jpeg::huffman::Huffman;
use crate::codecs::jpeg::layout::{Layout, ScanHeader};
use crate::codecs::jpeg::name::NAME;
use crate::codecs::jpeg::restart::Restart;
use crate::codecs::jpeg::sequential;
use crate::codecs::jpeg::tables::{Class, Quantisation, Tables, ZIGZAG};
use crate::cpu::Cpu;
use crate::error::{Error, Result};

/// What a scan brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pass {
    Sequential,
    DcFirst,
    DcRefine,
    AcFirst,
    AcRefine,
}

impl Pass {
    fn of(layout: &Layout, header: &ScanHeader) -> Self {
        match (layout.progressive, header.first, header.high) {
            (false, ..) => Self::Sequential,
            (true, 0, 0) => Self::DcFirst,
            (true, 0, _) => Self::DcRefine,
            (true, _, 0) => Self::AcFirst,
            (true, ..) => Self::AcRefine,
        }
    }
}

/// A scan, with its tables.
pub(super) struct Scan<'a> {
    layout: &'a Layout,
    header: &'a ScanHeader,
    pass: Pass,
    dc: [&'a Huffman; 4],
    ac: [&'a Huffman; 4],
}

impl<'a> Scan<'a> {
    /// Looks up the tables that the scan needs.
    pub(super) fn new(layout: &'a Layout, header: &'a ScanHeader, tables: &'a mut Tables) -> Result<Self> {
        let pass = Pass::of(layout, header);
        let needs_dc = matches!(pass, Pass::Sequential | Pass::DcFirst);
        let needs_ac = matches!(pass, Pass::Sequential | Pass::AcFirst | Pass::AcRefine);
        for selected in &header.selected {
            if needs_dc {
                tables.ensure_huffman(Class::Dc, selected.dc)?;
            }
            if needs_ac {
                tables.ensure_huffman(Class::Ac, selected.ac)?;
            }
        }
        let any = tables.any_huffman();
        let (mut dc, mut ac) = ([any; 4], [any; 4]);
        for (selected, (dc, ac)) in header.selected.iter().zip(dc.iter_mut().zip(&mut ac)) {
            if needs_dc {
                *dc = tables.huffman(Class::Dc, selected.dc)?;
            }
            if needs_ac {
                *ac = tables.huffman(Class::Ac, selected.ac)?;
            }
        }
        Ok(Self { layout, header, pass, dc, ac })
    }

    /// Reads all blocks of the scan.
    pub(super) fn read(
        &self,
        cpu: Cpu,
        reader: &mut BitReader<'_>,
        restart: Restart,
        coefficients: &mut Coefficients,
    ) -> Result<()> {
        match cpu {
            Cpu::Baseline => self.read_with(reader, restart, coefficients),
            // SAFETY: this variant is made only after the processor was asked for all four features.
            #[cfg(target_arch = "x86_64")]
            Cpu::Avx2 => unsafe { self.read_avx2(reader, restart, coefficients) },
        }
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2,bmi1,bmi2,lzcnt")]
    fn read_avx2(&self, reader: &mut BitReader<'_>, restart: Restart, coefficients: &mut Coefficients) -> Result<()> {
        self.read_with(reader, restart, coefficients)
    }

    #[inline(always)]
    fn read_with(
        &self,
        reader: &mut BitReader<'_>,
        mut restart: Restart,
        coefficients: &mut Coefficients,
    ) -> Result<()> {
        let mut state = State { predicted: [0; 4], end_of_band: 0 };
        let mut bits = *reader;
        let layout = self.layout;
        // A scan of one component has blocks for its own samples only, one of several fills up MCUs (T.81 A.2).
        let alone = match self.header.selected.as_slice() {
            [one] => layout.components.get(one.component),
            _ => None,
        };
        let (units_down, units_across) = match alone {
            Some(component) => (component.height.div_ceil(8), component.width.div_ceil(8)),
            None => (layout.height.div_ceil(8 * layout.max_down), layout.mcus_across),
        };
        for unit_row in 0..units_down {
            for unit in 0..units_across {
                if restart.is_due() {
                    restart.pass(&mut bits)?;
                    state = State { predicted: [0; 4], end_of_band: 0 };
                }
                for (i, selected) in self.header.selected.iter().enumerate().take(4) {
                    let Some(component) = layout.components.get(selected.component) else { continue };
                    let (across, down) = if alone.is_some() { (1, 1) } else { (component.across, component.down) };
                    for y in 0..down {
                        for x in 0..across {
                            let (column, row) = (unit * across + x, unit_row * down + y);
                            let mut beyond = [0; 64];
                            let out = coefficients.block(selected.component, column, row).unwrap_or(&mut beyond);
                            self.block(i, &mut bits, &mut state, out);
                        }
                    }
                }
            }
            if bits.overrun() {
                return Err(Error::corrupt(NAME, "the stream ends too early"));
            }
        }
        *reader = bits;
        Ok(())
    }

    #[inline(always)]
    fn block(&self, i: usize, bits: &mut BitReader<'_>, state: &mut State, out: &mut [i16; 64]) {
        let (dc, ac, low) = (self.dc[i & 3], self.ac[i & 3], self.header.low);
        let predicted = &mut state.predicted[i & 3];
        match self.pass {
            Pass::Sequential => {
                sequential::block(bits, dc, ac, &UNIT, predicted, out);
            }
            Pass::DcFirst => {
                bits.fill();
                let size = dc.symbol(bits);
                *predicted = predicted.wrapping_add(bits.signed(u32::from(size)));
                out[0] = (*predicted << low) as i16;
            }
            Pass::DcRefine => {
                bits.fill();
                out[0] |= (bits.bits(1) << low) as i16;
            }
            Pass::AcFirst => self.ac_first(bits, ac, &mut state.end_of_band, out),
            Pass::AcRefine => self.ac_refine(bits, ac, &mut state.end_of_band, out),
        }
    }

    /// T.81 G.1.2.2.
    #[inline(always)]
    fn ac_first(&self, bits: &mut BitReader<'_>, ac: &Huffman, end_of_band: &mut u32, out: &mut [i16; 64]) {
        if *end_of_band > 0 {
            *end_of_band -= 1;
            return;
        }
        let mut k = self.header.first;
        while k <= self.header.last {
            bits.fill();
            let symbol = ac.symbol(bits);
            let (run, size) = (usize::from(symbol >> 4), u32::from(symbol & 15));
            if size != 0 {
                k += run;
                out[usize::from(ZIGZAG[k]) & 63] = (bits.signed(size) << self.header.low) as i16;
                k += 1;
            } else if run == 15 {
                k += 16;
            } else {
                *end_of_band = (1 << run) - 1 + bits.bits(run as u32);
                break;
            }
        }
    }

    /// T.81 G.1.2.3.
    #[inline(always)]
    fn ac_refine(&self, bits: &mut BitReader<'_>, ac: &Huffman, end_of_band: &mut u32, out: &mut [i16; 64]) {
        let plus = 1i16 << self.header.low;
        let last = self.header.last;
        let mut k = self.header.first;
        let refine = |bits: &mut BitReader<'_>, value: &mut i16| {
            bits.fill();
            if bits.bits(1) == 1 && *value & plus == 0 {
                *value = value.wrapping_add(if *value >= 0 { plus } else { -plus });
            }
        };
        while *end_of_band == 0 && k <= last {
            bits.fill();
            let symbol = ac.symbol(bits);
            let (mut run, size) = (symbol >> 4, symbol & 15);
            let mut new = 0;
            if size != 0 {
                new = if bits.bits(1) == 1 { plus } else { -plus };
            } else if run != 15 {
                *end_of_band = (1 << run) + bits.bits(u32::from(run));
                break;
            }
            while k <= last {
                let value = &mut out[usize::from(ZIGZAG[k]) & 63];
                k += 1;
                if *value != 0 {
                    refine(bits, value);
                } else if run == 0 {
                    *value = new;
                    break;
                } else {
                    run -= 1;
                }
            }
        }
        if *end_of_band > 0 {
            for &at in &ZIGZAG[k..=last.max(k)] {
                let value = &mut out[usize::from(at) & 63];
                if *value != 0 && k <= last {
                    refine(bits, value);
                }
            }
            *end_of_band -= 1;
        }
    }
}

struct State {
    predicted: [i32; 4],
    /// Blocks that have nothing more in this band (EOBRUN).
    end_of_band: u32,
}

/// Coefficients are multiplied with their factors when all scans are read.
const UNIT: Quantisation = [1; 80];
