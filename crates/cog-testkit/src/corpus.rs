//! Folders of TIFF files with the expected values of each beside them.

use std::io;
use std::path::{Path, PathBuf};

use crate::expected::Expected;

/// A folder of TIFF files and a folder of expected values, one JSON file under each file's path.
#[derive(Clone, Debug)]
pub struct Corpus {
    name: &'static str,
    files: PathBuf,
    expected: PathBuf,
}

/// One TIFF of a corpus.
#[derive(Clone, Debug)]
pub struct CorpusFile {
    /// Where the TIFF is.
    pub path: PathBuf,
    name: String,
    expected: PathBuf,
}

impl Corpus {
    /// The repository's own files, `testdata/`: always there.
    #[must_use]
    pub fn testdata() -> Self {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = here.ancestors().nth(2).unwrap_or(here).join("testdata");
        Self { name: "testdata", files: root.join("files"), expected: root.join("expected") }
    }

    /// The corpus that the environment variable `COG_CORPUS` names (`files/` and `oracle/` below it), if it is set.
    ///
    /// # Errors
    /// If the variable is set and the folders are not there: a mistyped path must not pass for "no corpus".
    pub fn from_env() -> io::Result<Option<Self>> {
        let Some(root) = std::env::var_os("COG_CORPUS").filter(|v| !v.is_empty()).map(PathBuf::from) else {
            return Ok(None);
        };
        Self::below("COG_CORPUS", &root).map(Some)
    }

    /// Small files that strangers' reports led to, in the same format: the folder that `COG_CASES` names, else `cases` beside
    /// the folder that `COG_CORPUS` names, if it is there.
    ///
    /// # Errors
    /// If `COG_CASES` is set and the folders are not there.
    pub fn cases() -> io::Result<Option<Self>> {
        let named = |variable: &str| std::env::var_os(variable).filter(|v| !v.is_empty()).map(PathBuf::from);
        if let Some(root) = named("COG_CASES") {
            return Self::below("COG_CASES", &root).map(Some);
        }
        let beside = named("COG_CORPUS").and_then(|corpus| Some(corpus.canonicalize().ok()?.parent()?.join("cases")));
        beside.filter(|root| root.is_dir()).map(|root| Self::below("COG_CASES", &root)).transpose()
    }

    fn below(variable: &'static str, root: &Path) -> io::Result<Self> {
        let corpus = Self { name: variable, files: root.join("files"), expected: root.join("oracle") };
        for folder in [&corpus.files, &corpus.expected] {
            if !folder.is_dir() {
                let text = format!("{variable} is set, but {} is not a folder", folder.display());
                return Err(io::Error::new(io::ErrorKind::NotFound, text));
            }
        }
        Ok(corpus)
    }

    /// [`Corpus::all`], then [`Corpus::cases`] where they are found.
    ///
    /// # Errors
    /// As both.
    pub fn all_and_cases(test: &str) -> io::Result<Vec<Self>> {
        let mut all = Self::all(test)?;
        match Self::cases()? {
            Some(cases) => all.push(cases),
            None => crate::not_run(&format!("{test} on strangers' cases"), "COG_CASES=DIR"),
        }
        Ok(all)
    }

    /// `testdata/`, then `COG_CORPUS` when it is set; else one line says that `test` does not run on it.
    ///
    /// # Errors
    /// As [`Corpus::from_env`].
    pub fn all(test: &str) -> io::Result<Vec<Self>> {
        let mut all = vec![Self::testdata()];
        match Self::from_env()? {
            Some(corpus) => all.push(corpus),
            None => crate::not_run(&format!("{test} on the corpus"), "COG_CORPUS=DIR"),
        }
        Ok(all)
    }

    /// `testdata`, `COG_CORPUS` or `COG_CASES`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Every TIFF, in order of its path.
    ///
    /// # Errors
    /// If a folder cannot be listed, or holds no file at all.
    pub fn files(&self) -> io::Result<Vec<CorpusFile>> {
        let mut found = Vec::new();
        walk(&self.files, &mut found)?;
        found.sort();
        if found.is_empty() {
            return Err(io::Error::new(io::ErrorKind::NotFound, format!("no .tif below {}", self.files.display())));
        }
        Ok(found.into_iter().map(|path| self.file(path)).collect())
    }

    /// The files that are meant to be read: not those below `malformed/`.
    ///
    /// # Errors
    /// As [`Corpus::files`].
    pub fn well_formed(&self) -> io::Result<Vec<CorpusFile>> {
        Ok(self.files()?.into_iter().filter(|f| !f.is_malformed()).collect())
    }

    /// The files below `malformed/`: damaged, or legal but absurd.
    ///
    /// # Errors
    /// As [`Corpus::files`].
    pub fn malformed(&self) -> io::Result<Vec<CorpusFile>> {
        Ok(self.files()?.into_iter().filter(CorpusFile::is_malformed).collect())
    }

    fn file(&self, path: PathBuf) -> CorpusFile {
        let relative = path.strip_prefix(&self.files).unwrap_or(&path).to_path_buf();
        let name = relative.to_string_lossy().replace('\\', "/");
        CorpusFile { path, name, expected: self.expected.join(relative).with_extension("json") }
    }
}

impl CorpusFile {
    /// Path below the corpus' files, with `/`: what tests print and exceptions name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether the file is one of those damaged on purpose.
    #[must_use]
    pub fn is_malformed(&self) -> bool {
        self.name.starts_with("malformed/")
    }

    /// What other readers read from this file.
    ///
    /// # Errors
    /// If there is no such JSON file, or it is not of the format; the text names it.
    pub fn expected(&self) -> io::Result<Expected> {
        let at = |e: &dyn std::fmt::Display| io::Error::other(format!("{}: {e}", self.expected.display()));
        let text = std::fs::read_to_string(&self.expected).map_err(|e| at(&e))?;
        serde_json::from_str(&text).map_err(|e| at(&e))
    }
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            walk(&path, found)?;
        } else if path.extension().is_some_and(|e| e == "tif") {
            found.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use sha2::{Digest, Sha256};

    #[test]
    fn every_file_of_testdata_has_expected_values_of_that_very_file() {
        let files = Corpus::testdata().files().unwrap();
        assert!(files.len() > 60, "{} files", files.len());
        for file in files {
            let expected = file.expected().unwrap();
            let bytes = std::fs::read(&file.path).unwrap();
            assert_eq!(expected.sha256, crate::npy::hex(&Sha256::digest(&bytes)), "{}", file.name());
            assert_eq!(expected.size, bytes.len() as u64, "{}", file.name());
        }
    }

    #[test]
    fn every_json_of_the_corpus_parses() {
        for corpus in Corpus::all_and_cases("every_json_of_the_corpus_parses").unwrap() {
            for file in corpus.files().unwrap() {
                file.expected().unwrap();
            }
        }
    }
}
