//! One scenario under test: compiled once, explored at most once by each engine, whichever test asks first.

use crate::engine::agreement::Agreement;
use crate::engine::{self, Engine, agreement};
use crate::explore;
use crate::finding::{EngineName, Evidence};
use crate::judgement::{self, Judgement};
use crate::language::Colour;
use crate::limits::{Limits, Unwatched};
use crate::program::Program;
use crate::report::{Report, text};
use crate::scenario::ScenarioFile;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// A scenario and what is known about it so far.
#[derive(Debug)]
pub(super) struct Subject {
    /// `condvar/lost_wakeup`
    name: String,
    file: ScenarioFile,
    snapshot: PathBuf,
    program: OnceLock<Result<Program, String>>,
    native: OnceLock<Evidence>,
    /// In the order of `engine::all`.
    others: Vec<OnceLock<Evidence>>,
}

impl Subject {
    pub(super) fn new(name: String, file: ScenarioFile, snapshot: PathBuf) -> Self {
        let others = engine::all().iter().map(|_| OnceLock::new()).collect();
        Self { name, file, snapshot, program: OnceLock::new(), native: OnceLock::new(), others }
    }

    /// What its tests are called before the `::`.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Its path relative to the package.
    pub(super) fn path(&self) -> &str {
        &self.file.name
    }

    /// Where its snapshot belongs.
    pub(super) fn snapshot(&self) -> &Path {
        &self.snapshot
    }

    /// The compiled scenario.
    ///
    /// # Errors
    /// What is wrong with its text, rendered.
    pub(super) fn program(&self) -> Result<&Program, String> {
        let load = || self.file.load(&[]).map(|loaded| loaded.program);
        let loaded = self.program.get_or_init(|| load().map_err(|unusable| unusable.render(Colour::Plain)));
        loaded.as_ref().map_err(Clone::clone)
    }

    /// Whether the native checker finds what the scenario expects.
    pub(super) fn judgement(&self, program: &Program) -> Judgement {
        judgement::judge(program, self.native(program))
    }

    /// How what an engine sees stands to what the native checker sees.
    pub(super) fn agreement(&self, program: &Program, name: EngineName) -> Option<Agreement> {
        let (engine, evidence) = engine::all().iter().zip(&self.others).find(|(engine, _)| engine.name() == name)?;
        Some(agreement::compare(program, self.native(program), self.other(program, *engine, evidence)))
    }

    /// The report of all engines, as its snapshot keeps it.
    pub(super) fn report(&self, program: &Program) -> String {
        let all = engine::all().iter().zip(&self.others);
        let others: Vec<Evidence> = all.map(|(engine, cell)| self.other(program, *engine, cell).clone()).collect();
        text::snapshot(&Report::new(program, self.native(program), &others))
    }

    /// The report of the native checker alone.
    pub(super) fn native_report(&self, program: &Program) -> String {
        text::snapshot(&Report::new(program, self.native(program), &[]))
    }

    fn native(&self, program: &Program) -> &Evidence {
        self.native.get_or_init(|| explore::explore(program, &Limits::default(), &Unwatched))
    }

    fn other<'a>(&self, program: &Program, engine: &dyn Engine, cell: &'a OnceLock<Evidence>) -> &'a Evidence {
        cell.get_or_init(|| engine.run(program, &Limits::default(), &Unwatched))
    }
}
