//! `expect` lines: which of them apply under the parameters in force, and whether they make sense together.

use super::names::{Declared, Global, one};
use super::property::Observation;
use super::{Checker, bounds, error};
use crate::language::checked::{ObjectKind, ObservedRead};
use crate::language::tree::{self, Expect, File, ItemKind, OutcomeTuple, OutcomeValue, When};
use crate::program::{Expectation, Expected, FindingKind, OutcomePattern, PatternValue, Span, Subject, Type};

/// The lines that apply; never empty without an error, as a file without any expects `ok`.
pub(super) fn expectations(checker: &mut Checker<'_>, file: &File, observation: &Observation) -> Vec<Expectation> {
    let mut applying = Vec::new();
    let mut otherwise = Vec::new();
    let mut some_condition_holds = false;
    let mut seen = 0;
    for item in &file.items {
        let ItemKind::Expect { what, when } = &item.kind else { continue };
        if seen == bounds::EXPECTATIONS {
            checker.errors.push(error::too_many_expectations(item.span, bounds::EXPECTATIONS));
            break;
        }
        seen += 1;
        // All lines are checked, also those that do not apply.
        let expected = checker.expected(what, item.span, observation);
        let condition = match when {
            When::Always => Some(true),
            When::Otherwise => None,
            When::If(condition) => {
                let holds = checker.boolean(condition, "the condition of `expect`").unwrap_or(false);
                some_condition_holds |= holds;
                Some(holds)
            }
        };
        let Some(expected) = expected else { continue };
        let expectation = Expectation { expected, span: item.span };
        match condition {
            Some(true) => applying.push(expectation),
            Some(false) => {}
            None => otherwise.push(expectation),
        }
    }
    if !some_condition_holds {
        applying.append(&mut otherwise);
        applying.sort_by_key(|expectation| expectation.span);
    }
    let ok = applying.iter().find(|expectation| expectation.expected == Expected::Ok);
    let finding = applying.iter().find(|expectation| matches!(expectation.expected, Expected::Finding { .. }));
    if let (Some(ok), Some(finding)) = (ok, finding) {
        checker.errors.push(error::ok_and_more(ok.span, finding.span));
    }
    if applying.is_empty() {
        applying.push(Expectation { expected: Expected::Ok, span: Span::default() });
    }
    applying
}

impl Checker<'_> {
    fn expected(&mut self, what: &Expect, span: Span, observation: &Observation) -> Option<Expected> {
        match what {
            Expect::Ok => Some(Expected::Ok),
            Expect::Finding { kind, subject } => {
                let subject = match subject {
                    None => None,
                    Some(subject) => Some(self.subject(*kind, subject)?),
                };
                Some(Expected::Finding { kind: *kind, subject })
            }
            Expect::Deadlock { cause } => {
                Some(Expected::Finding { kind: FindingKind::Deadlock, subject: Some(Subject::Cause(*cause)) })
            }
            Expect::Outcomes(tuples) => {
                let Some(observe) = observation.span else {
                    self.errors.push(error::outcomes_without_observe(span));
                    return None;
                };
                if observation.is_broken {
                    return None;
                }
                let patterns = tuples.iter().map(|tuple| self.pattern(tuple, observation, observe));
                patterns.collect::<Vec<_>>().into_iter().collect::<Option<Vec<_>>>().map(Expected::Outcomes)
            }
        }
    }

    fn subject(&mut self, kind: FindingKind, expr: &tree::Expr) -> Option<Subject> {
        let (name, span, index) = self.constant_element(expr)?;
        let Some(declared) = self.names.get(name) else {
            self.unknown_name(name, span, &[]);
            return None;
        };
        let subject = match declared.global {
            Global::Object { object, .. } => {
                let len = self.objects[object].len;
                self.element(name, expr.span, index, len.map(|len| (0, len)), &declared)?;
                let what = one(&self.objects[object].kind);
                let fits = fits_object(kind, &self.objects[object].kind);
                // A timer's thread has its name.
                if !fits && fits_thread(kind) && matches!(self.objects[object].kind, ObjectKind::Timer { .. }) {
                    return Some(Subject::Thread(element_name(name, index)));
                }
                (fits, what, Subject::Object(element_name(name, index)))
            }
            Global::Thread { thread, .. } => {
                let head = &self.threads[thread];
                let range = head.first.map(|first| (first, head.count));
                self.element(name, expr.span, index, range, &declared)?;
                (fits_thread(kind), declared.what(), Subject::Thread(element_name(name, index)))
            }
            Global::Function(_) if fits_function(kind) => {
                self.element(name, expr.span, index, None, &declared)?;
                (true, declared.what(), Subject::Thread(name.to_owned()))
            }
            Global::Broken => return None,
            Global::Constant(_) | Global::Function(_) => (false, declared.what(), Subject::Object(String::new())),
        };
        let (fits, what, subject) = subject;
        if !fits {
            self.errors.push(error::subject_does_not_fit(expr.span, kind.word(), what, subjects_of(kind)));
            return None;
        }
        Some(subject)
    }

    /// Checks that an element exists; `range` is the first index and the number of elements of an array or a group.
    fn element(
        &mut self,
        name: &str,
        span: Span,
        index: Option<i64>,
        range: Option<(i64, u32)>,
        declared: &Declared,
    ) -> Option<()> {
        match (index, range) {
            (None, _) => Some(()),
            (Some(_), None) => {
                self.errors.push(error::not_an_array(name, span, declared.what(), Some(declared.span)));
                None
            }
            (Some(index), Some((first, count))) => {
                let to = first + i64::from(count);
                if (first..to).contains(&index) {
                    Some(())
                } else {
                    self.errors.push(error::element_out_of_range(name, span, index, first, to));
                    None
                }
            }
        }
    }

    fn pattern(&mut self, tuple: &OutcomeTuple, observation: &Observation, observe: Span) -> Option<OutcomePattern> {
        let components = &observation.components;
        if tuple.values.len() != components.len() {
            self.errors.push(error::tuple_length(tuple.span, components.len(), tuple.values.len(), observe));
            return None;
        }
        let mut values = Vec::with_capacity(components.len());
        for (value, component) in tuple.values.iter().zip(components) {
            values.push(match value {
                OutcomeValue::Any(_) => Some(PatternValue::Any),
                OutcomeValue::None(span) => match component.read {
                    ObservedRead::Local(_) => Some(PatternValue::None),
                    ObservedRead::Object(_) => {
                        self.errors.push(error::never_none(*span, &component.name));
                        None
                    }
                },
                OutcomeValue::Value(expr) => self.constant(expr).and_then(|value| {
                    let ty: Type = self.types.decided(component.ty);
                    if value.ty() == ty || self.types.is_broken(component.ty) {
                        Some(PatternValue::Value(value))
                    } else {
                        let why = format!("what `{}` is compared with", component.name);
                        self.errors.push(error::mismatch(expr.span, ty, value.ty(), &why));
                        None
                    }
                }),
            });
        }
        values.into_iter().collect::<Option<Vec<_>>>().map(|values| OutcomePattern { values })
    }
}

fn element_name(name: &str, index: Option<i64>) -> String {
    match index {
        None => name.to_owned(),
        Some(index) => format!("{name}[{index}]"),
    }
}

fn fits_object(kind: FindingKind, object: &ObjectKind) -> bool {
    match kind {
        FindingKind::Race => matches!(object, ObjectKind::Var { .. } | ObjectKind::Atomic { .. }),
        FindingKind::Misuse => {
            matches!(
                object,
                ObjectKind::Mutex(_)
                    | ObjectKind::RwLock(_)
                    | ObjectKind::Condvar { .. }
                    | ObjectKind::Channel { .. }
                    | ObjectKind::Oneshot { .. }
                    | ObjectKind::Watch { .. }
                    | ObjectKind::Broadcast { .. }
                    | ObjectKind::Queue { .. }
                    | ObjectKind::Timer { .. }
                    | ObjectKind::Semaphore { bounded: true, .. }
            )
        }
        FindingKind::Deadlock
        | FindingKind::Assertion
        | FindingKind::Invariant
        | FindingKind::Final
        | FindingKind::Impossible
        | FindingKind::Outcome
        | FindingKind::UnobservedFailure
        | FindingKind::Eventually
        | FindingKind::Livelock
        | FindingKind::Starvation
        | FindingKind::Panic => false,
    }
}

/// A function stands for the threads that it is started as.
fn fits_function(kind: FindingKind) -> bool {
    kind == FindingKind::UnobservedFailure || fits_thread(kind) && kind != FindingKind::Panic
}

fn fits_thread(kind: FindingKind) -> bool {
    match kind {
        FindingKind::Race
        | FindingKind::Assertion
        | FindingKind::Panic
        | FindingKind::Misuse
        | FindingKind::Livelock
        | FindingKind::Starvation => true,
        // The parser reads a cause of deadlock, and whoever is declared fails by `panic`.
        FindingKind::Deadlock
        | FindingKind::UnobservedFailure
        | FindingKind::Invariant
        | FindingKind::Final
        | FindingKind::Impossible
        | FindingKind::Eventually
        | FindingKind::Outcome => false,
    }
}

fn subjects_of(kind: FindingKind) -> &'static str {
    match kind {
        FindingKind::Race => "it can name a variable, an atomic or a thread",
        FindingKind::Misuse => "it can name a mutex, a condition variable, a bounded semaphore, a channel or a thread",
        FindingKind::Livelock | FindingKind::Starvation => "it can name a thread, or a function that is started as one",
        FindingKind::Assertion => "it can name a thread, or a function that is started as one",
        FindingKind::Panic => "it can name a thread",
        FindingKind::UnobservedFailure => "it can name a function that is started as a thread",
        FindingKind::Deadlock
        | FindingKind::Invariant
        | FindingKind::Final
        | FindingKind::Impossible
        | FindingKind::Eventually
        | FindingKind::Outcome => "write it without parentheses",
    }
}
