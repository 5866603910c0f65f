use super::*;

fn tiling() -> Tiling {
    Tiling { area: Area { x: 3, y: 5, width: 10, height: 6 }, block: (4, 4) }
}

#[test]
fn every_pixel_is_lent_once_and_only_once() {
    let canvas = Canvas::new(SampleType::U16, 2, tiling(), false).unwrap();
    for y in canvas.tiling().rows() {
        for x in canvas.tiling().columns() {
            let mut loan = canvas.lend(None, x, y).unwrap();
            assert!(canvas.lend(None, x, y).is_none());
            for r in 0..loan.overlap().height {
                loan.row(r, |rows| rows.iter_mut().for_each(|row| row.iter_mut().for_each(|b| *b += 1))).unwrap();
            }
            assert!(loan.row(loan.overlap().height, |_| ()).is_none());
        }
    }
    let Some(Pixels::U16(array)) = canvas.into_pixels() else { panic!() };
    assert_eq!(array.dim(), (2, 6, 10));
    assert!(array.iter().all(|v| *v == 0x0101));
}

#[test]
fn a_block_beside_the_canvas_is_refused() {
    let canvas = Canvas::new(SampleType::U8, 1, tiling(), true).unwrap();
    assert!(canvas.lend(Some(0), 4, 1).is_none());
    assert!(canvas.lend(Some(1), 0, 1).is_none());
    assert!(canvas.lend(None, 0, 1).is_none());
    let mut loan = canvas.lend(Some(0), 0, 1).unwrap();
    let Overlap { block_x, block_y, width, height, .. } = loan.overlap();
    assert_eq!((block_x, block_y, width, height), (3, 1, 1, 3));
    loan.row(0, |rows| rows[0][0] = 9).unwrap();
}

#[test]
fn padding_past_two_to_the_32_pixels_is_not_counted() {
    let area = Area { x: u32::MAX - 9, y: 0, width: 20, height: 1 };
    let tiling = Tiling { area, block: (1, 1) };
    assert_eq!(tiling.columns(), u32::MAX - 9..u32::MAX);
    let canvas = Canvas::new(SampleType::U8, 1, tiling, false).unwrap();
    assert_eq!(canvas.lend(None, u32::MAX - 1, 0).unwrap().overlap().width, 1);
    assert!(canvas.lend(None, u32::MAX, 0).is_none());
}

#[test]
fn memory_that_cannot_be_had_is_none() {
    let area = Area { x: 0, y: 0, width: u32::MAX, height: u32::MAX };
    let tiling = Tiling { area, block: (u32::MAX, u32::MAX) };
    assert!(Canvas::new(SampleType::Complex64, 65_535, tiling, false).is_none());
}

/// A small canvas of one cell, whose memory held something else before.
fn of_one_cell() -> Canvas {
    drop(vec![0xA5_u8; 2 * 6 * 10 * 2]);
    let area = Area { x: 3, y: 5, width: 10, height: 6 };
    Canvas::new(SampleType::U16, 2, Tiling { area, block: (64, 64) }, false).unwrap()
}

fn u16s(canvas: Canvas) -> Array3<u16> {
    let Some(Pixels::U16(array)) = canvas.into_pixels() else { panic!() };
    array
}

#[test]
fn what_nobody_wrote_to_is_0() {
    for written in [&[][..], &[0], &[2], &[3, 1], &[5], &[0, 1, 2, 3, 4, 5]] {
        let canvas = of_one_cell();
        let mut loan = canvas.lend(None, 0, 0).unwrap();
        for y in written {
            loan.row(*y, |rows| rows.iter_mut().for_each(|row| row.iter_mut().for_each(|b| *b += 1))).unwrap();
            assert!(loan.write(2, *y, &[7_u16, 7, 7, 7]));
        }
        drop(loan);
        for ((_, y, x), v) in u16s(canvas).indexed_iter() {
            let expected = match (written.contains(&y), x) {
                (false, _) => 0,
                (true, 2 | 3) => 7,
                (true, _) => 0x0101,
            };
            assert_eq!(*v, expected, "{written:?}: {x}, {y}");
        }
    }
}

#[test]
fn without_its_loan_all_of_a_canvas_is_0() {
    assert!(u16s(of_one_cell()).iter().all(|v| *v == 0));
    let canvas = of_one_cell();
    std::mem::forget(canvas.lend(None, 0, 0));
    assert!(u16s(canvas).iter().all(|v| *v == 0));
    let mut canvas = of_one_cell();
    canvas.fill(&[1, 1]);
    let mut loan = canvas.lend(None, 0, 0).unwrap();
    assert!(loan.write(0, 1, &[9_u16, 9]));
    drop(loan);
    let array = u16s(canvas);
    assert_eq!((array[[1, 1, 0]], array[[1, 1, 1]], array[[1, 5, 9]]), (9, 0x0101, 0x0101));
}

#[test]
fn rows_of_a_large_canvas_are_where_they_were_written() {
    // Of so many bytes that the next rows are asked for ahead.
    let area = Area { x: 0, y: 0, width: 1100, height: 1000 };
    let canvas = Canvas::new(SampleType::F32, 1, Tiling { area, block: (64, 64) }, false).unwrap();
    for (x, y) in (0..16).flat_map(|y| (0..18).map(move |x| (x, y))) {
        let mut loan = canvas.lend(None, x, y).unwrap();
        let Overlap { canvas_x, canvas_y, width, height, .. } = loan.overlap();
        for row in 0..height {
            let values: Vec<f32> = (0..width).map(|i| ((canvas_y + row) * 1100 + canvas_x + i) as f32).collect();
            assert!(loan.write(0, row, &values));
        }
    }
    let Some(Pixels::F32(array)) = canvas.into_pixels() else { panic!() };
    assert!(array.iter().enumerate().all(|(i, v)| *v == i as f32));
}

/// Rows past 2^32 pixels belong to no block: a single one does not hold all of the canvas.
#[test]
fn what_lies_in_no_block_is_0() {
    drop(vec![0xA5_u8; 20]);
    for area in
        [Area { x: u32::MAX - 1, y: 0, width: 20, height: 1 }, Area { x: 0, y: u32::MAX - 1, width: 1, height: 20 }]
    {
        let tiling = Tiling { area, block: (1, 1) };
        let canvas = Canvas::new(SampleType::U8, 1, tiling, false).unwrap();
        assert!(canvas.is_written.load(Ordering::Relaxed), "all of it is 0 from the start");
        let mut loan = canvas.lend(None, area.x, area.y).unwrap();
        assert!(loan.write(0, 0, &[7_u8]));
        drop(loan);
        let Some(Pixels::U8(array)) = canvas.into_pixels() else { panic!() };
        assert_eq!(array.iter().map(|v| u32::from(*v)).sum::<u32>(), 7);
    }
}
