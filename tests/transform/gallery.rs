//! The scenarios of the gallery, and everything that can be seen of one.

use interleaver::explore::explore;
use interleaver::finding::{Coverage, Outcome};
use interleaver::language::{compile_gathered, gather};
use interleaver::limits::{Limits, Unwatched};
use interleaver::program::{FindingKind, ObjectKind, Observed, ObservedRead, Program, Source, Type};
use interleaver::scenario::{self, ScenarioFile};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios")
}

/// All scenarios, by path.
pub(crate) fn gallery() -> Vec<Source> {
    let source = |file: ScenarioFile| {
        let name = file.path.strip_prefix(root()).unwrap().to_str().unwrap().replace('\\', "/");
        Source { name, text: fs::read_to_string(&file.path).unwrap() }
    };
    scenario::below(&root()).unwrap().into_iter().map(source).collect()
}

/// What a scenario imports is taken from the gallery as it is.
fn library(name: &str) -> Result<Source, String> {
    let text = fs::read_to_string(root().join(name)).map_err(|error| error.to_string())?;
    Ok(Source { name: name.to_owned(), text })
}

/// What a complete search sees: outcomes of everything that can be observed, and kinds of findings.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Seen {
    pub(crate) outcomes: BTreeSet<Outcome>,
    pub(crate) kinds: BTreeSet<FindingKind>,
    pub(crate) states: u64,
}

impl Seen {
    /// Whether the verdict and the outcomes are the same.
    pub(crate) fn agrees(&self, other: &Self) -> bool {
        (&self.outcomes, &self.kinds) == (&other.outcomes, &other.kinds)
    }
}

/// Explores a scenario; `None` if it does not compile, or has more states than that.
pub(crate) fn look(source: &Source, states: u64) -> Option<Seen> {
    let mut program = compile_gathered(&gather(source, &mut library), &[]).ok()?.program;
    observe_everything(&mut program);
    let limits = Limits { states, ..Limits::default() };
    let evidence = explore(&program, &limits, &Unwatched);
    (evidence.coverage == Coverage::Complete).then(|| Seen {
        outcomes: evidence.outcomes.into_keys().collect(),
        kinds: evidence.findings.iter().map(|finding| finding.kind()).collect(),
        states: evidence.counts.states,
    })
}

/// Beside what the scenario observes: every variable and atomic; by name, so that the order of declarations is nothing
/// that can be seen. What the scenario expects of outcomes does not fit any more.
fn observe_everything(program: &mut Program) {
    for (object, id) in program.objects.iter().zip(program.object_ids()) {
        if let ObjectKind::Var { initial } | ObjectKind::Atomic { initial } = &object.kind {
            let ty: Type = initial.ty();
            program.observed.push(Observed { name: object.name.clone(), ty, read: ObservedRead::Object(id) });
        }
    }
    program.observed.sort_by(|a, b| a.name.cmp(&b.name));
    program.expectations.clear();
}
