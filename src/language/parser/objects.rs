//! Declarations of shared objects.

use super::super::diagnostic::syntax;
use super::super::lexer::TokenKind;
use super::super::tree::{Expr, Ident, ItemKind, ObjectDecl};
use super::recovery::Place;
use super::words::Declaration;
use super::{Parsed, Parser};
use crate::program::{MutexKind, QueueOrder, Service};

impl Parser<'_> {
    /// `var x = 0;`, `mutex fork[N];`, `channel c(k) closed by producer;`
    pub(super) fn object_declaration(&mut self, word: &str, declaration: Declaration) -> Parsed<ItemKind> {
        self.bump();
        let word = if matches!(declaration, Declaration::Lifo | Declaration::Priority) {
            self.expect_word("queue")?;
            "queue"
        } else {
            word
        };
        let bounded = matches!(declaration, Declaration::Bounded | Declaration::FifoBounded);
        let fifo =
            matches!(declaration, Declaration::FifoSemaphore | Declaration::FifoBounded | Declaration::FifoRwLock);
        let service = if fifo { Service::Fifo } else { Service::Anybody };
        let (word, declaration) = if bounded {
            self.expect_word("semaphore")?;
            ("semaphore", Declaration::Semaphore)
        } else {
            (word, declaration)
        };
        let name = self.declared_name(&format!("the {word}"))?;
        self.reject_type();
        let len = match self.kind() {
            TokenKind::LeftBracket => Some(self.bracketed(TokenKind::RightBracket, Self::expression)?),
            _ => None,
        };
        let (kind, also) = match declaration {
            Declaration::Var => (ObjectDecl::Var { initial: self.initial_value(word, &name)? }, "`;`"),
            Declaration::Atomic => (ObjectDecl::Atomic { initial: self.initial_value(word, &name)? }, "`;`"),
            Declaration::Semaphore | Declaration::FifoSemaphore => {
                (ObjectDecl::Semaphore { permits: self.permits(&name)?, bounded, service }, "`;`")
            }
            Declaration::Barrier => (ObjectDecl::Barrier { threads: self.parties(&name)? }, "`;`"),
            Declaration::Channel => {
                let capacity = if self.is(TokenKind::LeftParen) { Some(self.parenthesised()?) } else { None };
                (ObjectDecl::Channel { capacity, closed_by: self.closed_by()? }, "`;` or `closed by THREAD`")
            }
            Declaration::Oneshot => (ObjectDecl::Oneshot { closed_by: self.closed_by()? }, "`;` or `closed by THREAD`"),
            Declaration::Watch => {
                let initial = self.initial_value(word, &name)?;
                (ObjectDecl::Watch { initial, closed_by: self.closed_by()? }, "`;` or `closed by THREAD`")
            }
            Declaration::Broadcast => {
                let room = self.places(&name)?;
                (ObjectDecl::Broadcast { room, closed_by: self.closed_by()? }, "`;` or `closed by THREAD`")
            }
            Declaration::Queue => (self.queue(QueueOrder::Fifo)?, "`;`"),
            Declaration::Lifo => (self.queue(QueueOrder::Lifo)?, "`;`"),
            Declaration::Priority => (self.queue(QueueOrder::Priority)?, "`;`"),
            Declaration::Condvar => (ObjectDecl::Condvar(Service::Anybody), "`;`"),
            Declaration::FifoCondvar => (ObjectDecl::Condvar(Service::Fifo), "`;`"),
            Declaration::Event => (ObjectDecl::Event, "`;`"),
            Declaration::Once => (ObjectDecl::Once, "`;`"),
            Declaration::Mutex => (ObjectDecl::Mutex(MutexKind::Plain), "`;`"),
            Declaration::ReentrantMutex => (ObjectDecl::Mutex(MutexKind::Reentrant), "`;`"),
            Declaration::PoisoningMutex => (ObjectDecl::Mutex(MutexKind::Poisoning), "`;`"),
            Declaration::FifoMutex => (ObjectDecl::Mutex(MutexKind::Fifo), "`;`"),
            Declaration::RwLock | Declaration::FifoRwLock => (ObjectDecl::RwLock(service), "`;`"),
            Declaration::Scenario
            | Declaration::Import
            | Declaration::Param
            | Declaration::Require
            | Declaration::Const
            | Declaration::Memory
            | Declaration::Option
            | Declaration::Expect
            | Declaration::Observe
            | Declaration::Always
            | Declaration::Finally
            | Declaration::Possible
            | Declaration::Eventually
            | Declaration::Thread
            | Declaration::Daemon
            | Declaration::Timer
            | Declaration::Bounded
            | Declaration::FifoBounded
            | Declaration::Fn => unreachable!("not the declaration of an object"),
        };
        self.semicolon_or(also, &["closed"])?;
        Ok(ItemKind::Object { name, len, kind })
    }

    fn initial_value(&mut self, word: &str, name: &Ident) -> Parsed<Expr> {
        if !self.is(TokenKind::Assign) {
            return Err(self.without_initial_value(word, name));
        }
        self.bump();
        Ok(self.value())
    }

    fn queue(&mut self, order: QueueOrder) -> Parsed<ObjectDecl> {
        let room = if self.is(TokenKind::LeftParen) { Some(self.parenthesised()?) } else { None };
        Ok(ObjectDecl::Queue { order, room })
    }

    fn permits(&mut self, name: &Ident) -> Parsed<Expr> {
        if self.is(TokenKind::LeftParen) {
            return self.parenthesised();
        }
        let missing = syntax::missing_permits(self.gap(), &name.name);
        Err(self.complain(Place::Gap, missing))
    }

    fn parties(&mut self, name: &Ident) -> Parsed<Expr> {
        if self.is(TokenKind::LeftParen) {
            return self.parenthesised();
        }
        let missing = syntax::missing_parties(self.gap(), &name.name);
        Err(self.complain(Place::Gap, missing))
    }

    fn places(&mut self, name: &Ident) -> Parsed<Expr> {
        if self.is(TokenKind::LeftParen) {
            return self.parenthesised();
        }
        let missing = syntax::missing_places(self.gap(), &name.name);
        Err(self.complain(Place::Gap, missing))
    }

    fn parenthesised(&mut self) -> Parsed<Expr> {
        self.bracketed(TokenKind::RightParen, Self::expression)
    }

    fn closed_by(&mut self) -> Parsed<Option<Ident>> {
        if !self.eat_word("closed") {
            return Ok(None);
        }
        self.expect_word("by")?;
        Ok(Some(self.name("the threads that send")?))
    }
}
