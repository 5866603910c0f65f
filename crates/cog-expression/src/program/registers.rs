//! From a graph to steps: values that are needed, each in a register that is free again behind its last use.

use super::graph::{Graph, Made, Value};
use super::{Action, Operand, Step};

/// The steps, the number of registers that they use, and where the results are.
pub(super) fn allocate(graph: &Graph) -> (Vec<Step>, usize, Vec<Operand>) {
    let needed = needed(graph);
    let last = last_uses(graph, &needed);
    let mut places = Places { of: vec![None; graph.values.len()], free: Vec::new(), registers: 0 };
    let mut steps = Vec::new();
    for (value, made) in graph.values.iter().enumerate() {
        if needed.get(value) != Some(&true) {
            continue;
        }
        let operand = |value: Value| match graph.values.get(value) {
            Some(Made::Constant(number)) => Operand::Constant(*number),
            _ => Operand::Register(places.place(value)),
        };
        let action = match *made {
            Made::Constant(_) => continue,
            Made::Load(band, part) => Action::Load(band, part),
            Made::Unary(operation, a) => Action::Unary(operation, places.place(a)),
            Made::Binary(operation, a, b) => Action::Binary(operation, operand(a), operand(b)),
            Made::Select(condition, yes, no) => Action::Select(places.place(condition), operand(yes), operand(no)),
        };
        let to = places.take(value);
        steps.push(Step { to, action });
        for used in operands(made).into_iter().flatten() {
            if last.get(used) == Some(&Some(value)) {
                places.give_back(used);
            }
        }
    }
    let results = graph.results.iter().map(|value| match graph.values.get(*value) {
        Some(Made::Constant(number)) => Operand::Constant(*number),
        _ => Operand::Register(places.place(*value)),
    });
    let results = results.collect();
    (steps, places.registers, results)
}

struct Places {
    of: Vec<Option<usize>>,
    free: Vec<usize>,
    registers: usize,
}

impl Places {
    fn place(&self, value: Value) -> usize {
        self.of.get(value).copied().flatten().unwrap_or_default()
    }

    fn take(&mut self, value: Value) -> usize {
        let register = self.free.pop().unwrap_or_else(|| {
            self.registers += 1;
            self.registers - 1
        });
        if let Some(place) = self.of.get_mut(value) {
            *place = Some(register);
        }
        register
    }

    fn give_back(&mut self, value: Value) {
        if let Some(register) = self.of.get_mut(value).and_then(Option::take) {
            self.free.push(register);
        }
    }
}

fn operands(made: &Made) -> [Option<Value>; 3] {
    match *made {
        Made::Constant(_) | Made::Load(..) => [None; 3],
        Made::Unary(_, a) => [Some(a), None, None],
        Made::Binary(_, a, b) => [Some(a), Some(b), None],
        Made::Select(a, b, c) => [Some(a), Some(b), Some(c)],
    }
}

/// What results are made of; folding leaves values that nothing needs.
fn needed(graph: &Graph) -> Vec<bool> {
    let mut needed = vec![false; graph.values.len()];
    for result in &graph.results {
        if let Some(needed) = needed.get_mut(*result) {
            *needed = true;
        }
    }
    for (value, made) in graph.values.iter().enumerate().rev() {
        if needed.get(value) == Some(&true) {
            for used in operands(made).into_iter().flatten() {
                if let Some(needed) = needed.get_mut(used) {
                    *needed = true;
                }
            }
        }
    }
    needed
}

/// The value that uses each one last; none of results, which stay.
fn last_uses(graph: &Graph, needed: &[bool]) -> Vec<Option<Value>> {
    let mut last = vec![None; graph.values.len()];
    for (value, made) in graph.values.iter().enumerate().filter(|(value, _)| needed.get(*value) == Some(&true)) {
        for used in operands(made).into_iter().flatten() {
            if let Some(last) = last.get_mut(used) {
                *last = Some(value);
            }
        }
    }
    for result in &graph.results {
        if let Some(last) = last.get_mut(*result) {
            *last = None;
        }
    }
    last
}
