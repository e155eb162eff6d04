//! Sweeps: every combination of the values after `in` that makes sense.
//!
//! The values of a parameter may depend on those declared above it, so they are asked for one parameter at a time. Only
//! parameters, constants and `require` lines are looked at: whether the rest of the file has a meaning under a
//! combination is what compiling it with that combination says.

use super::check::{self, Parameters};
use super::diagnostic::{Diagnostic, Severity};
use super::tree::{File, ItemKind};
use super::{Gathered, Override};

/// How many combinations a sweep may have, with those that `require` excludes.
pub const MAX_COMBINATIONS: usize = 10_000;

/// The combinations of one file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sweep {
    /// The parameters that take several values, in order of declaration.
    pub parameters: Vec<String>,
    /// Values for all of them, in that order; the last parameter changes fastest.
    pub combinations: Vec<Vec<Override>>,
    /// How many combinations `require` excludes.
    pub excluded: usize,
}

/// Why there is no sweep.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum NoSweep {
    /// The text is wrong, or a parameter has no value under some combination.
    Broken(Vec<Diagnostic>),
    /// There are more than [`MAX_COMBINATIONS`].
    TooMany,
}

/// All combinations of the values after `in`. A parameter that is `fixed` keeps that value.
///
/// # Errors
/// Where the combinations cannot be listed.
pub fn sweep(gathered: &Gathered, fixed: &[Override]) -> Result<Sweep, NoSweep> {
    let Gathered { file, found, .. } = gathered;
    if found.iter().any(|diagnostic| diagnostic.severity == Severity::Error) {
        return Err(NoSweep::Broken(found.clone()));
    }
    let parameters = swept(file, fixed);
    let mut sweep = Sweep { parameters, combinations: Vec::new(), excluded: 0 };
    let mut chosen = Vec::new();
    sweep.choose(gathered, fixed, &mut chosen)?;
    Ok(sweep)
}

/// The parameters with an `in` clause that are not fixed, each once.
fn swept(file: &File, fixed: &[Override]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for item in &file.items {
        if let ItemKind::Param { name, sweep: Some(_), .. } = &item.kind
            && !fixed.iter().any(|given| given.name == name.name)
            && !names.contains(&name.name)
        {
            names.push(name.name.clone());
        }
    }
    names
}

impl Sweep {
    /// Adds everything that begins with the chosen values.
    fn choose(&mut self, gathered: &Gathered, fixed: &[Override], chosen: &mut Vec<Override>) -> Result<(), NoSweep> {
        let overrides: Vec<Override> = fixed.iter().chain(chosen.iter()).cloned().collect();
        let Parameters { parameters, is_excluded, errors } =
            check::parameters(&gathered.sources, &gathered.file, &overrides);
        let Some(name) = self.parameters.get(chosen.len()).cloned() else {
            if !errors.is_empty() {
                return Err(NoSweep::Broken(errors));
            }
            if is_excluded {
                self.excluded += 1;
            } else {
                self.combinations.push(chosen.clone());
            }
            let all = self.combinations.len() + self.excluded;
            return if all > MAX_COMBINATIONS { Err(NoSweep::TooMany) } else { Ok(()) };
        };
        // What is wrong further down may be right with other values.
        let Some(parameter) = parameters.into_iter().find(|parameter| parameter.name == name) else {
            return Err(NoSweep::Broken(errors));
        };
        for value in parameter.sweep {
            chosen.push(Override { name: name.clone(), value });
            self.choose(gathered, fixed, chosen)?;
            chosen.pop();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::gather::{gather, nowhere};
    use crate::program::{Source, Value};

    fn of(text: &str, fixed: &[Override]) -> Result<Sweep, NoSweep> {
        sweep(&gather(&Source { name: "a.ilv".to_owned(), text: text.to_owned() }, &mut nowhere), fixed)
    }

    fn shown(sweep: &Sweep) -> Vec<String> {
        let values = |chosen: &Vec<Override>| chosen.iter().map(|given| given.value.to_string()).collect::<Vec<_>>();
        sweep.combinations.iter().map(|chosen| values(chosen).join(" ")).collect()
    }

    #[test]
    fn the_last_parameter_changes_fastest_and_require_excludes() {
        let text = "param N = 1 in 1..=2; param M = 3; param F = false in {true, false}; require N == 1 || F;";
        let sweep = of(text, &[]).expect("the text is right");
        assert_eq!(sweep.parameters, ["N", "F"]);
        assert_eq!(shown(&sweep), ["1 false", "1 true", "2 true"]);
        assert_eq!(sweep.excluded, 1);
    }

    #[test]
    fn values_may_depend_on_those_above() {
        let text = "param N = 1 in 0..=3; param K = 0 in 1..=N;";
        let sweep = of(text, &[]).expect("the text is right");
        assert_eq!(shown(&sweep), ["1 1", "2 1", "2 2", "3 1", "3 2", "3 3"]);
    }

    #[test]
    fn a_fixed_parameter_is_not_swept() {
        let fixed = [Override { name: "N".to_owned(), value: Value::Int(9) }];
        let sweep = of("param N = 1 in 1..=2; param K = 1 in 1..=2;", &fixed).expect("the text is right");
        assert_eq!((sweep.parameters.as_slice(), shown(&sweep)), (&["K".to_owned()][..], vec!["1".into(), "2".into()]));
    }

    #[test]
    fn what_cannot_be_listed_is_said() {
        assert!(matches!(of("param N = 1 in 1..=2", &[]), Err(NoSweep::Broken(_))));
        // The default is fine, one of the values is not.
        let Err(NoSweep::Broken(errors)) = of("param N = 1 in 0..=2; const K = 4 / N;", &[]) else {
            panic!("there is no K with N=0")
        };
        assert_eq!(errors.len(), 1, "{errors:?}");
        let many = "param A = 1 in 1..=100; param B = 1 in 1..=100; param C = 1 in 1..=2;";
        assert_eq!(of(many, &[]), Err(NoSweep::TooMany));
    }
}
