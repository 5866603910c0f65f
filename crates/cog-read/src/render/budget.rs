//! How much is read together.

/// Counts what is taken together, in bytes or in pieces: as much as fits, one thing at least.
#[derive(Debug)]
pub(crate) struct Budget {
    most: u64,
    used: Option<u64>,
}

impl Budget {
    pub(crate) fn new(most: u64) -> Budget {
        Budget { most, used: None }
    }

    /// Takes something; false if there is no room for it beside what was taken.
    pub(crate) fn take(&mut self, size: u64) -> bool {
        let used = self.used.unwrap_or(0).saturating_add(size);
        let fits = self.used.is_none() || used <= self.most;
        if fits {
            self.used = Some(used);
        }
        fits
    }
}

#[cfg(test)]
mod tests {
    use super::Budget;

    #[test]
    fn the_first_is_taken_whatever_its_size() {
        let mut budget = Budget::new(10);
        assert!(budget.take(100) && !budget.take(1));
        let mut budget = Budget::new(10);
        assert!(budget.take(4) && budget.take(6) && !budget.take(1) && budget.take(0));
    }
}
