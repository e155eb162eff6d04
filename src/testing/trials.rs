//! The list of tests, and what each of them asks.

use super::message;
use super::package::Package;
use super::snapshot::{self, Compared};
use super::subject::Subject;
use crate::engine;
use crate::engine::agreement::Agreement;
use crate::finding::EngineName;
use crate::judgement::Judgement;
use crate::program::Program;
use libtest_mimic::{Completion, Failed, Trial};
use std::io;
use std::sync::Arc;

/// What a test comes to; the error is its failure text.
type Done = Result<Completion, Failed>;

/// All tests of a package.
pub(super) fn all(package: &Package, subjects: Vec<Arc<Subject>>) -> Vec<Trial> {
    let mut trials = vec![
        whole(package, "snapshots::orphans", Package::orphans, message::orphans),
        whole(package, "snapshots::pending", Package::pending, message::pending),
    ];
    for subject in subjects {
        trials.push(of(&subject, EngineName::Native.word(), native));
        for engine in engine::all() {
            let name = engine.name();
            trials.push(of(&subject, name.word(), move |subject, program| other(subject, program, name)));
        }
        trials.push(of(&subject, "snapshot", recorded));
    }
    trials
}

/// The one test of a package without scenarios.
pub(super) fn nothing_to_test(reason: String) -> Trial {
    Trial::test("scenarios::found", move || Err(Failed::from(message::nothing_to_test(&reason))))
}

/// A test of one scenario.
fn of(
    subject: &Arc<Subject>,
    what: &'static str,
    ask: impl FnOnce(&Subject, &Program) -> Done + Send + 'static,
) -> Trial {
    let name = format!("{}::{what}", subject.name());
    let subject = Arc::clone(subject);
    Trial::ignorable_test(name, move || match subject.program() {
        Ok(program) => ask(&subject, program),
        Err(diagnostics) if what == EngineName::Native.word() => {
            Err(message::does_not_compile(&subject, &diagnostics).into())
        }
        Err(_) => Err(message::does_not_compile_either(&subject).into()),
    })
}

/// A test of the package as a whole: there must be no such files.
fn whole(
    package: &Package,
    name: &str,
    list: fn(&Package) -> io::Result<Vec<String>>,
    complain: fn(&[String]) -> String,
) -> Trial {
    let package = package.clone();
    Trial::test(name, move || {
        let files = list(&package).map_err(Failed::from)?;
        if files.is_empty() { Ok(()) } else { Err(complain(&files).into()) }
    })
}

/// Exploring it finds what its `expect` lines say.
fn native(subject: &Subject, program: &Program) -> Done {
    match subject.judgement(program) {
        Judgement::AsExpected => Ok(Completion::Completed),
        Judgement::NotAsExpected(mismatches) => Err(message::not_as_expected(subject, program, &mismatches).into()),
        Judgement::Inconclusive(reason) => Err(message::inconclusive(subject, program, &reason).into()),
    }
}

/// That engine does not contradict the native checker.
fn other(subject: &Subject, program: &Program, name: EngineName) -> Done {
    match subject.agreement(program, name) {
        None => Err(format!("the engine {} is left out of this build", name.word()).into()),
        Some(Agreement::Agrees | Agreement::Inside | Agreement::Inconclusive(_)) => Ok(Completion::Completed),
        Some(Agreement::Unsupported(unsupported)) => Ok(Completion::ignored_with(unsupported)),
        Some(Agreement::Failed(reason)) => Err(message::engine_failed(subject, name, &reason).into()),
        Some(Agreement::Contradicts(contradictions)) => {
            Err(message::contradiction(subject, program, name, &contradictions).into())
        }
    }
}

/// The report is the one that was accepted.
fn recorded(subject: &Subject, program: &Program) -> Done {
    match snapshot::compare(subject.snapshot(), &subject.report(program)) {
        Ok(Compared::Same) => Ok(Completion::Completed),
        Ok(Compared::Different { difference }) => Err(message::snapshot_differs(subject, &difference).into()),
        Ok(Compared::Missing { text }) => Err(message::snapshot_missing(subject, &text).into()),
        Err(error) => Err(message::snapshot_failed(subject, &error).into()),
    }
}
