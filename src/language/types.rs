//! Types by first use: integer or Boolean, found by unification.
//!
//! A local, a parameter of a function or the messages of a channel start without a type; the first value that meets them
//! decides. What nothing decides is an integer. A type that an error has spoilt agrees with everything, so that one
//! mistake is reported once.

use crate::program::Type;

/// A type, or one that is not decided yet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Ty(u32);

/// What is known about each [`Ty`].
#[derive(Clone, Debug)]
pub(super) struct Types {
    known: Vec<Known>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Known {
    Is(Type),
    /// The handle of a thread that is started as this function.
    Handle(usize),
    /// An error has been reported about it.
    Broken,
    Open,
    SameAs(Ty),
}

impl Ty {
    pub(super) const INT: Ty = Ty(0);
    pub(super) const BOOL: Ty = Ty(1);
    pub(super) const BROKEN: Ty = Ty(2);

    pub(super) fn of(ty: Type) -> Self {
        match ty {
            Type::Int => Ty::INT,
            Type::Bool => Ty::BOOL,
        }
    }

    fn index(self) -> usize {
        usize::try_from(self.0).expect("u32 fits into usize")
    }
}

impl Types {
    pub(super) fn new() -> Self {
        Self { known: vec![Known::Is(Type::Int), Known::Is(Type::Bool), Known::Broken] }
    }

    /// A type that nothing has decided yet.
    pub(super) fn open(&mut self) -> Ty {
        let ty = Ty(u32::try_from(self.known.len()).expect("texts are at most 1 MiB"));
        self.known.push(Known::Open);
        ty
    }

    /// The type of handles of threads that are started as this function. They are kept as integers, and are none.
    pub(super) fn handle(&mut self, function: usize) -> Ty {
        let ty = self.open();
        self.known[ty.index()] = Known::Handle(function);
        ty
    }

    /// The function whose threads values of this type are handles of.
    pub(super) fn function_of(&self, ty: Ty) -> Option<usize> {
        match self.known[self.root(ty).index()] {
            Known::Handle(function) => Some(function),
            Known::Is(_) | Known::Broken | Known::Open | Known::SameAs(_) => None,
        }
    }

    /// Makes two types one; false if they are different.
    pub(super) fn unify(&mut self, a: Ty, b: Ty) -> bool {
        let (a, b) = (self.root(a), self.root(b));
        match (self.known[a.index()], self.known[b.index()]) {
            (Known::Open, _) => {
                if a != b {
                    self.known[a.index()] = Known::SameAs(b);
                }
                true
            }
            (_, Known::Open) => {
                self.known[b.index()] = Known::SameAs(a);
                true
            }
            (Known::Broken, _) | (_, Known::Broken) => true,
            (a, b) => a == b,
        }
    }

    /// The type, if it is decided.
    pub(super) fn get(&self, ty: Ty) -> Option<Type> {
        match self.known[self.root(ty).index()] {
            Known::Is(ty) => Some(ty),
            Known::Handle(_) | Known::Broken | Known::Open | Known::SameAs(_) => None,
        }
    }

    /// Whether nothing has decided it yet.
    pub(super) fn is_open(&self, ty: Ty) -> bool {
        self.known[self.root(ty).index()] == Known::Open
    }

    /// Whether an error has been reported about it.
    pub(super) fn is_broken(&self, ty: Ty) -> bool {
        self.known[self.root(ty).index()] == Known::Broken
    }

    /// The type in the end: what nothing has decided is an integer.
    pub(super) fn decided(&self, ty: Ty) -> Type {
        self.get(ty).unwrap_or(Type::Int)
    }

    fn root(&self, mut ty: Ty) -> Ty {
        while let Known::SameAs(other) = self.known[ty.index()] {
            ty = other;
        }
        ty
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_value_decides() {
        let mut types = Types::new();
        let (a, b) = (types.open(), types.open());
        assert!(types.unify(a, b));
        assert_eq!(types.get(a), None);
        assert!(types.unify(b, Ty::BOOL));
        assert_eq!(types.get(a), Some(Type::Bool));
        assert!(!types.unify(a, Ty::INT));
    }

    #[test]
    fn what_nothing_decides_is_an_integer() {
        let mut types = Types::new();
        let a = types.open();
        assert!(types.unify(a, a));
        assert_eq!(types.decided(a), Type::Int);
    }

    #[test]
    fn handles_of_one_function_are_of_one_type_and_no_integers() {
        let mut types = Types::new();
        let (a, b, other) = (types.handle(0), types.handle(0), types.handle(1));
        assert!(types.unify(a, b));
        assert!(!types.unify(a, other) && !types.unify(a, Ty::INT));
        let kept = types.open();
        assert!(types.unify(kept, other));
        assert_eq!(types.function_of(kept), Some(1));
        assert_eq!(types.function_of(Ty::BOOL), None);
    }

    #[test]
    fn a_spoilt_type_agrees_with_everything() {
        let mut types = Types::new();
        let a = types.open();
        assert!(types.unify(a, Ty::BROKEN));
        assert!(types.unify(a, Ty::INT) && types.unify(a, Ty::BOOL));
        assert!(types.is_broken(a));
    }
}
