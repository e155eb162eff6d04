//! The file: its declarations, except objects and expectations.

use super::super::diagnostic::{Diagnostic, syntax, unsupported};
use super::super::lexer::TokenKind;
use super::super::tree::{Expr, ExprKind, Group, Ident, Item, ItemKind, LivenessOption, Range, Sweep};
use super::recovery::Place;
use super::words::{self, Declaration};
use super::{Parsed, Parser, Reported, broken, literals};
use crate::program::{Preference, PropertyKind};

impl Parser<'_> {
    /// All declarations, up to the end of the text.
    pub(super) fn file(&mut self) {
        if self.is(TokenKind::End) && self.diagnostics.is_empty() {
            let nothing = syntax::empty(self.gap());
            self.complain(Place::Gap, nothing);
        }
        while !self.is(TokenKind::End) {
            if !self.eat(TokenKind::Semicolon) {
                self.declaration_into_file();
            }
        }
    }

    /// One declaration; after an error, the rest of it is skipped and what it would have declared is kept.
    pub(super) fn declaration_into_file(&mut self) {
        let start = self.at;
        let outer = self.declared.take();
        let kind = match self.declaration() {
            Ok(kind) => kind,
            Err(Reported) => {
                if self.at == start || !self.ended_declaration() {
                    self.skip_declaration(start);
                }
                ItemKind::Error { name: self.declared.take() }
            }
        };
        self.declared = outer;
        self.items.push(Item { kind, span: self.span_from(start) });
    }

    /// Whether the declaration before this place was skipped to its end already.
    fn ended_declaration(&self) -> bool {
        self.at_declaration() && self.next().starts_line
    }

    fn declaration(&mut self) -> Parsed<ItemKind> {
        let Some(word) = self.word() else { return Err(self.no_declaration()) };
        if words::is_refused(word) {
            return Err(self.refused_declaration());
        }
        if let Some(declaration) = words::declaration(word) {
            return self.worded_declaration(word, declaration);
        }
        if words::changes_declaration(word) {
            return self.prefixed_declaration(word);
        }
        self.unknown_declaration(word)
    }

    fn worded_declaration(&mut self, word: &str, declaration: Declaration) -> Parsed<ItemKind> {
        match declaration {
            Declaration::Thread | Declaration::Daemon => self.thread(),
            Declaration::Timer => self.timer(),
            Declaration::Fn => self.function(),
            Declaration::Var
            | Declaration::Atomic
            | Declaration::Mutex
            | Declaration::ReentrantMutex
            | Declaration::PoisoningMutex
            | Declaration::FifoMutex
            | Declaration::RwLock
            | Declaration::FifoRwLock
            | Declaration::Condvar
            | Declaration::FifoCondvar
            | Declaration::Semaphore
            | Declaration::FifoSemaphore
            | Declaration::Bounded
            | Declaration::FifoBounded
            | Declaration::Event
            | Declaration::Once
            | Declaration::Barrier
            | Declaration::Channel
            | Declaration::Oneshot
            | Declaration::Watch
            | Declaration::Broadcast
            | Declaration::Queue
            | Declaration::Lifo
            | Declaration::Priority => self.object_declaration(word, declaration),
            Declaration::Scenario => self.version(),
            Declaration::Import => self.import(),
            Declaration::Param => self.param(),
            Declaration::Const => self.constant_declaration(),
            Declaration::Require => {
                self.bump();
                let condition = self.value();
                self.semicolon()?;
                Ok(ItemKind::Require { condition })
            }
            Declaration::Memory => {
                self.bump();
                let Some("sc" | "rc11") = self.word() else {
                    return Err(self.expected_words("`sc` or `rc11`", &["rc11"]));
                };
                let model = self.ident();
                self.semicolon()?;
                Ok(ItemKind::Memory { model })
            }
            Declaration::Option => {
                self.bump();
                let option = match self.word() {
                    Some("writer_preference") => ItemKind::Preference { preference: Preference::Writers },
                    Some("reader_preference") => ItemKind::Preference { preference: Preference::Readers },
                    Some("spurious_wakeups") => ItemKind::SpuriousWakeUps,
                    Some("progress") => ItemKind::Liveness { option: LivenessOption::Progress },
                    Some("strong_fairness") => ItemKind::Liveness { option: LivenessOption::StrongFairness },
                    Some(_) | None => {
                        let known = [
                            "writer_preference",
                            "reader_preference",
                            "spurious_wakeups",
                            "progress",
                            "strong_fairness",
                        ];
                        return Err(self.expected_words(&words::alternatives(&known), &known));
                    }
                };
                self.bump();
                self.semicolon()?;
                Ok(option)
            }
            Declaration::Expect => self.expect_declaration(),
            Declaration::Observe => self.observe(),
            Declaration::Always => self.property(PropertyKind::Always),
            Declaration::Finally => self.property(PropertyKind::Finally),
            Declaration::Possible => self.property(PropertyKind::Possible),
            Declaration::Eventually => self.property(PropertyKind::Eventually),
        }
    }

    /// What stands at the top level and is not even a word.
    fn no_declaration(&mut self) -> Reported {
        let next = self.next();
        let start = self.at;
        let diagnostic = match next.kind {
            TokenKind::RightBrace => self.explain_early_end(syntax::unmatched_closing(next.span, "}")),
            TokenKind::RightParen | TokenKind::RightBracket => syntax::unmatched_closing(next.span, self.written(next)),
            _ => syntax::expected(next.span, "a declaration", &self.found()),
        };
        let reported = self.complain(Place::Lexeme, diagnostic);
        if next.kind == TokenKind::RightBrace {
            self.bump();
        } else {
            self.skip_to_declaration(start);
        }
        reported
    }

    /// Points at the `}` that has ended the declaration before this place too early, if its indentation gives it away.
    fn explain_early_end(&self, diagnostic: Diagnostic) -> Diagnostic {
        match self.misaligned.last() {
            Some((open, close)) if close + 1 == self.at => diagnostic
                .related(self.lexemes[*open].span, "this `{` …")
                .related(self.lexemes[*close].span, "… is closed by this `}`, which is indented differently"),
            _ => diagnostic,
        }
    }

    /// A word at the top level that begins no declaration.
    fn unknown_declaration(&mut self, word: &str) -> Parsed<ItemKind> {
        let start = self.at;
        let next = self.nth(1);
        if words::is_reserved(word) && next.kind == TokenKind::Word {
            self.declared = Some(Ident { name: self.written(next).to_owned(), span: next.span });
            return Err(self.complain(Place::Lexeme, syntax::reserved(self.next().span, word)));
        }
        // An indented statement has lost its thread; it is no attempt at a declaration.
        let lost = words::statement(word).is_some() && self.next().starts_line && self.next().indent > 0;
        let shaped = next.kind == TokenKind::Word && !next.starts_line && !lost;
        let meant = words::nearest_declaration(word).filter(|_| shaped);
        if let Some(meant) = meant {
            let unknown = syntax::unknown_declaration(self.next().span, word);
            let reported = self.complain(Place::Lexeme, unknown.help(format!("did you mean `{meant}`?")));
            // What was meant is parsed, so that its names are known and its body is looked at.
            return match words::declaration(meant) {
                Some(declaration) => self.guess(|parser| parser.worded_declaration(meant, declaration)),
                None => {
                    self.declared = Some(Ident { name: self.written(next).to_owned(), span: next.span });
                    Err(reported)
                }
            };
        }
        let is_statement = words::statement(word).is_some() || !matches!(next.kind, TokenKind::Word);
        let diagnostic = if is_statement && !self.is_last_word() {
            let outside = syntax::statement_outside(self.next().span);
            self.explain_early_end(outside)
        } else {
            syntax::unknown_declaration(self.next().span, word)
        };
        let reported = self.complain(Place::Lexeme, diagnostic);
        // The statements that follow it stand outside as well, for the same reason.
        self.skip_to_declaration(start);
        Err(reported)
    }

    /// Whether nothing follows on the line of this word.
    fn is_last_word(&self) -> bool {
        self.nth(1).starts_line
    }

    /// `reentrant mutex m;`
    fn prefixed_declaration(&mut self, prefix: &str) -> Parsed<ItemKind> {
        let declaration = self.nth_word(1).and_then(|word| words::prefixed(prefix, word));
        self.bump();
        match declaration {
            Some((follower, declaration)) => self.worded_declaration(follower, declaration),
            None => {
                let followers: Vec<&str> = words::followers(prefix).collect();
                Err(self.expected_words(&words::alternatives(&followers), &followers))
            }
        }
    }

    /// A declaration of the language that this release does not have.
    fn refused_declaration(&mut self) -> Reported {
        let start = self.at;
        let mut words = 1;
        while self.nth_word(words - 1).is_some_and(words::is_prefix) && self.nth_word(words).is_some() {
            words += 1;
        }
        if self.is_word("process") && self.nth_word(1) == Some("pool") && self.nth_word(2).is_some() {
            words += 1;
        }
        let span = self.next().span.to(self.nth(words - 1).span);
        let what: Vec<&str> = (0..words).filter_map(|ahead| self.nth_word(ahead)).collect();
        let what = what.join(" ");
        let name = self.nth(words);
        if name.kind == TokenKind::Word {
            self.declared = Some(Ident { name: self.written(name).to_owned(), span: name.span });
        }
        let reported = self.complain(Place::Lexeme, unsupported(span, &what));
        self.at = start + words;
        self.skip_declaration(start);
        reported
    }

    fn version(&mut self) -> Parsed<ItemKind> {
        self.bump();
        let number = self.expect(TokenKind::Integer, "a version number")?;
        let version = literals::integer(self.written(number)).and_then(|number| i64::try_from(number).ok());
        if version != Some(1) {
            self.report(syntax::unknown_version(number.span));
        }
        self.semicolon()?;
        Ok(ItemKind::Version { version: version.unwrap_or(i64::MAX) })
    }

    fn import(&mut self) -> Parsed<ItemKind> {
        self.bump();
        let at = self.next().span;
        let Some(path) = self.message() else { return Err(self.expected("the path of a file in quotes")) };
        self.semicolon()?;
        Ok(ItemKind::Import { path, at })
    }

    /// The name of this declaration: from here on, an error in it does not make its name unknown.
    pub(super) fn declared_name(&mut self, of: &str) -> Parsed<Ident> {
        let name = self.name(of)?;
        self.declared = Some(name.clone());
        Ok(name)
    }

    fn param(&mut self) -> Parsed<ItemKind> {
        self.bump();
        let name = self.declared_name("the parameter")?;
        self.reject_type();
        if !self.is(TokenKind::Assign) {
            return Err(self.without_initial_value("param", &name));
        }
        self.bump();
        let default = self.value();
        let sweep = if self.eat_word("in") { Some(self.sweep()?) } else { None };
        self.semicolon_or("`in` or `;`", &["in"])?;
        Ok(ItemKind::Param { name, default, sweep })
    }

    fn sweep(&mut self) -> Parsed<Sweep> {
        if !self.is(TokenKind::LeftBrace) {
            return Ok(Sweep::Range(self.range()?));
        }
        let closing = TokenKind::RightBrace;
        Ok(Sweep::Set(self.bracketed(closing, |parser| parser.separated(closing, Self::expression))?))
    }

    fn constant_declaration(&mut self) -> Parsed<ItemKind> {
        self.bump();
        let name = self.declared_name("the constant")?;
        self.reject_type();
        if !self.is(TokenKind::Assign) {
            return Err(self.without_initial_value("const", &name));
        }
        self.bump();
        let value = self.value();
        self.semicolon()?;
        Ok(ItemKind::Const { name, value })
    }

    /// Says that a declaration lacks `= VALUE`.
    pub(super) fn without_initial_value(&mut self, word: &str, name: &Ident) -> Reported {
        if self.is(TokenKind::Semicolon) || self.is_at_gap() {
            let missing = syntax::missing_initial_value(self.gap(), word, &name.name);
            return self.complain(Place::Gap, missing);
        }
        self.expected("`=`")
    }

    fn property(&mut self, kind: PropertyKind) -> Parsed<ItemKind> {
        self.bump();
        let condition = self.value();
        let message = self.comma_message()?;
        self.semicolon()?;
        Ok(ItemKind::Property { kind, condition, message })
    }

    fn thread(&mut self) -> Parsed<ItemKind> {
        let start = self.at;
        let daemon = self.is_word("daemon");
        if daemon {
            self.bump();
            if self.word().is_some_and(words::is_refused) {
                return Err(self.refused_declaration());
            }
            if !self.is_word("thread") {
                return Err(self.expected_words("`thread`", &["thread"]));
            }
        }
        self.bump();
        let name = self.name_of_thread("the thread")?;
        let group = if self.is(TokenKind::LeftBracket) { self.group() } else { None };
        let head = self.span_from(start);
        if !self.is(TokenKind::LeftBrace) && !self.is_at_gap() {
            self.expected_block();
            self.skip_to_block()?;
        }
        let body = self.block()?;
        Ok(ItemKind::Thread { name, group, daemon, timer: None, body, head })
    }

    /// `timer name(10ms) { }`, `timer name[N](10ms) { }`, `timer name[i in 0..N](10ms) { }`
    fn timer(&mut self) -> Parsed<ItemKind> {
        let start = self.at;
        self.bump();
        let name = self.name_of_thread("the timer")?;
        let group = match self.kind() {
            TokenKind::LeftBracket if self.nth_word(2) == Some("in") => self.group(),
            TokenKind::LeftBracket => Some(self.timers()?),
            _ => None,
        };
        let timer = Some(self.span_of_time()?);
        let head = self.span_from(start);
        let body = self.block()?;
        Ok(ItemKind::Thread { name, group, daemon: false, timer, body, head })
    }

    /// `[N]`: as many timers, whose block does not know which it is.
    fn timers(&mut self) -> Parsed<Group> {
        let to = self.bracketed(TokenKind::RightBracket, Self::expression)?;
        let index = Ident { name: String::new(), span: to.span };
        let from = Expr { kind: ExprKind::Int(0), span: to.span };
        Ok(Group { index, range: Range { from, to, inclusive: false } })
    }

    /// A name that schedules can use.
    fn name_of_thread(&mut self, what: &str) -> Parsed<Ident> {
        let name = self.declared_name(what)?;
        if !words::begins_declaration(&name.name) {
            return Ok(name);
        }
        self.report(syntax::thread_named_by_word(name.span, &name.name));
        if self.is(TokenKind::Word) && !self.next().starts_line {
            // `thread thread a`: the real name follows.
            return self.declared_name(what);
        }
        Ok(name)
    }

    /// `[i in 0..N]`; where it is broken, the thread is parsed on as a single one with an index.
    fn group(&mut self) -> Option<Group> {
        let open = self.at;
        let counted = self.nth(2).kind == TokenKind::RightBracket;
        let parsed = self.bracketed(TokenKind::RightBracket, |parser| {
            if counted {
                let count = parser.next();
                let nameless = syntax::group_without_index(count.span, parser.written(count));
                return Err(parser.complain(Place::Lexeme, nameless));
            }
            let index = parser.name("the index")?;
            parser.expect_word("in")?;
            // From here on the index is known, whatever its range is.
            let range = parser.range();
            Ok(Group { index, range: range? })
        });
        match parsed {
            Ok(group) => Some(group),
            Err(Reported) => {
                let named = self.lexemes[open + 1];
                (named.kind == TokenKind::Word && !counted).then(|| {
                    let index = Ident { name: self.written(named).to_owned(), span: named.span };
                    let range = Range { from: broken(named.span), to: broken(named.span), inclusive: false };
                    Group { index, range }
                })
            }
        }
    }

    fn function(&mut self) -> Parsed<ItemKind> {
        self.bump();
        let name = self.declared_name("the function")?;
        if !self.is(TokenKind::LeftParen) {
            return Err(self.expected("`(`"));
        }
        let closing = TokenKind::RightParen;
        let params = self.bracketed(closing, |parser| {
            parser.separated(closing, |parser| {
                parser.reject_mut();
                let name = parser.name("the parameter")?;
                parser.reject_type();
                Ok(name)
            })
        });
        self.reject_type();
        let Ok(params) = params else {
            // Nobody knows what its body may use, so nothing is said about it.
            return Err(Reported);
        };
        let body = self.block()?;
        Ok(ItemKind::Function { name, params, body })
    }
}
