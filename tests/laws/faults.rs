//! Faults seeded in a copy of the semantics: the laws catch each of them, and nothing in a copy without any.
//!
//! The semantics of the product knows nothing of this. Its files are copied, each fault is put in as an exact
//! replacement of text behind a switch of its own, and the copy is built once for all of them, against the very library
//! that this test is linked with; so nothing else is built, and no network is asked. A text that is not there exactly
//! once fails the test: whoever changes the semantics moves its faults along.

use super::{Law, agree, limits, program_of, run, runner, shuttle};
use crate::generate::{Family, Scenario, scenario_about};
use interleaver::finding::{EngineName, Evidence};
use interleaver::program::Program;
use interleaver::scenario::files_below;
use proptest::strategy::{Strategy as _, ValueTree as _};
use serde_json::Value;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

const PACKAGE: &str = env!("CARGO_MANIFEST_DIR");

/// Within so many programs of a law about its family of statements each fault is caught.
const PROGRAMS: usize = 500;

/// A mistake that somebody could make.
struct Fault {
    name: &'static str,
    changes: &'static [Change],
}

/// A change of a file of the semantics.
struct Change {
    file: &'static str,
    /// Occurs exactly once.
    text: &'static str,
    /// Where `FAULT` stands for "this fault is switched on".
    instead: &'static str,
}

const FAULTS: &[Fault] = &[
    Fault {
        name: "a notification wakes nobody",
        changes: &[Change {
            file: "condvar.rs",
            text: "fn wake(step: &mut Step<'_>, condvar: ObjectId, waiter: ThreadId) {",
            instead: "fn wake(step: &mut Step<'_>, condvar: ObjectId, waiter: ThreadId) {
                if FAULT { return; }",
        }],
    },
    Fault {
        name: "`notify_all` wakes one",
        changes: &[Change {
            file: "condvar.rs",
            text: "(_, Service::Anybody) => waiters,",
            instead: "(_, Service::Anybody) => if FAULT { waiters & waiters.wrapping_neg() } else { waiters },",
        }],
    },
    Fault {
        name: "a wait that has timed out says that it was notified",
        changes: &[Change {
            file: "condvar.rs",
            text: "let in_time = status == Status::Notified",
            instead: "let in_time = FAULT || status == Status::Notified",
        }],
    },
    Fault {
        name: "a wait does not say that its mutex is poisoned",
        changes: &[Change {
            file: "condvar.rs",
            text: "let case = mutex::case_of(step, mutex);",
            instead: "let case = if FAULT { ResultTag::Some } else { mutex::case_of(step, mutex) };",
        }],
    },
    Fault {
        name: "whoever waits no longer lines up twice",
        changes: &[Change {
            file: "condvar.rs",
            text: "mutex::line_up_after_wait(step, mutex);",
            instead: "mutex::line_up_after_wait(step, mutex);
                if FAULT { mutex::line_up_after_wait(step, mutex); }",
        }],
    },
    Fault {
        name: "a wait forgets to release the mutex",
        changes: &[Change {
            file: "mutex.rs",
            text: "pub(super) fn give_back_to_wait(step: &mut Step<'_>, mutex: ObjectId) {",
            instead: "pub(super) fn give_back_to_wait(step: &mut Step<'_>, mutex: ObjectId) {
                if FAULT { return; }",
        }],
    },
    Fault {
        name: "a lock does not happen after the unlock before it",
        changes: &[Change {
            file: "mutex.rs",
            text: "    step.release(mutex);",
            instead: "    if !FAULT { step.release(mutex); }",
        }],
    },
    Fault {
        name: "the first unlock of a reentrant mutex frees it",
        changes: &[Change { file: "mutex.rs", text: "if levels == 1 {", instead: "if levels == 1 || FAULT {" }],
    },
    Fault {
        name: "a panic does not poison",
        changes: &[Change {
            file: "mutex.rs",
            text: "set_object(mutex, POISONED, 1)",
            instead: "set_object(mutex, POISONED, i64::from(!FAULT))",
        }],
    },
    Fault {
        name: "a semaphore gives one permit too many",
        changes: &[Change {
            file: "semaphore.rs",
            text: "step.state.set_object(semaphore, PERMITS, more)",
            instead: "step.state.set_object(semaphore, PERMITS, more + i64::from(FAULT))",
        }],
    },
    Fault {
        name: "a semaphore forgets who released",
        changes: &[Change {
            file: "semaphore.rs",
            text: "step.release(semaphore);",
            instead: "if !FAULT { step.release(semaphore); }",
        }],
    },
    Fault {
        name: "`recv` on a closed channel blocks",
        changes: &[Change {
            file: "channel.rs",
            text: "if is_closed(at.view, channel) || (rendezvous",
            instead: "if (is_closed(at.view, channel) && !FAULT) || (rendezvous",
        }],
    },
    Fault {
        name: "a bounded channel has room for one less",
        changes: &[Change {
            file: "channel.rs",
            text: "length(view, channel) >= i64::from(capacity)",
            instead: "length(view, channel) + i64::from(FAULT) >= i64::from(capacity)",
        }],
    },
    Fault {
        name: "a reader-writer lock lets a writer in beside readers",
        changes: &[
            Change {
                file: "rwlock.rs",
                text: "        if readers != 0 {",
                instead: "        if readers != 0 && !FAULT {",
            },
            Change {
                file: "rwlock.rs",
                text: "RwLockOp::Write { .. } => slot.map_or(Gate::Ask, Gate::WhileZero),",
                instead: "RwLockOp::Write { .. } if FAULT => Gate::Ask,
                    RwLockOp::Write { .. } => slot.map_or(Gate::Ask, Gate::WhileZero),",
            },
            Change {
                file: "rwlock.rs",
                text: "assert_eq!(step.state.view().object(rwlock, STATE), 0, \"the guard said that it is free\");",
                instead: "",
            },
            Change {
                file: "rwlock.rs",
                text: "set_object(rwlock, STATE, state + 1)",
                instead: "set_object(rwlock, STATE, if FAULT && state > 0 { state } else { state + 1 })",
            },
        ],
    },
    Fault {
        name: "a reader overtakes a writer at a fifo lock",
        changes: &[Change {
            file: "rwlock.rs",
            text: "line::set_of(before.filter(counts))",
            instead: "line::set_of(before.filter(counts).take(if FAULT { 0 } else { 64 }))",
        }],
    },
    Fault {
        name: "a barrier leaks one",
        changes: &[Change {
            file: "barrier.rs",
            text: "if others.count_ones() + 1 < threads {",
            instead: "if others.count_ones() + 1 + u32::from(FAULT) < threads {",
        }],
    },
    Fault {
        name: "`clear` does not clear an event",
        changes: &[Change {
            file: "event.rs",
            text: "EventOp::Clear => step.state.set_object(event, 0, 0),",
            instead: "EventOp::Clear => step.state.set_object(event, 0, if FAULT { is_set } else { 0 }),",
        }],
    },
    Fault {
        name: "a lifo queue gives the oldest item",
        changes: &[Change {
            file: "queue.rs",
            text: "QueueOrder::Lifo => length - 1,",
            instead: "QueueOrder::Lifo => if FAULT { 0 } else { length - 1 },",
        }],
    },
    Fault {
        name: "`join` of a queue does not wait",
        changes: &[Change {
            file: "queue.rs",
            text: "QueueOp::Join => unless(unfinished(at.view, queue) > 0,",
            instead: "QueueOp::Join => unless(unfinished(at.view, queue) > 0 && !FAULT,",
        }],
    },
    Fault {
        name: "`join` of a thread does not wait",
        changes: &[Change {
            file: "thread.rs",
            text: "if at.view.status(other).is_alive() =>",
            instead: "if !FAULT && at.view.status(other).is_alive() =>",
        }],
    },
    Fault {
        name: "a timer that was not started can be joined",
        changes: &[Change {
            file: "thread.rs",
            text: "if status == Status::NotStarted =>",
            instead: "if !FAULT && status == Status::NotStarted =>",
        }],
    },
    Fault {
        name: "a `cancel` that comes too late says that it was in time",
        changes: &[Change {
            file: "timer.rs",
            text: "step.give(*to, i64::from(state != FIRED));",
            instead: "step.give(*to, i64::from(FAULT || state != FIRED));",
        }],
    },
    Fault {
        name: "a timer that is cancelled before its start cannot be joined",
        changes: &[Change {
            file: "timer.rs",
            text: "step.state.set_object(timer, 0, CANCELLED);
            step.state.set_status(thread, Status::Ended);",
            instead: "step.state.set_object(timer, 0, CANCELLED);
            if !FAULT { step.state.set_status(thread, Status::Ended); }",
        }],
    },
    Fault {
        name: "a time-out fires although the operation can complete",
        changes: &[Change {
            file: "step.rs",
            text: "if matches!(self, Offers::Blocked(_)) { Offers::Timeout }",
            instead: "if FAULT || matches!(self, Offers::Blocked(_)) { Offers::Timeout }",
        }],
    },
    Fault {
        name: "a time-out never fires",
        changes: &[Change {
            file: "step.rs",
            text: "pub(super) fn or_timeout(self) -> Self {",
            instead: "pub(super) fn or_timeout(self) -> Self {
                if FAULT { return self; }",
        }],
    },
    Fault {
        name: "the time-out of a wait never fires",
        changes: &[Change {
            file: "condvar.rs",
            text: "if matches!(op, CondvarOp::WaitTimeout { .. }) { blocked.or_timeout() }",
            instead: "if matches!(op, CondvarOp::WaitTimeout { .. }) && !FAULT { blocked.or_timeout() }",
        }],
    },
    Fault {
        name: "nobody wakes for no reason",
        changes: &[Change {
            file: "condvar.rs",
            text: "WakeUps::Spurious => offers.or_spurious(),",
            instead: "WakeUps::Spurious => if FAULT { offers } else { offers.or_spurious() },",
        }],
    },
    Fault {
        name: "whoever comes last stands first in line",
        changes: &[Change {
            file: "line.rs",
            text: "    step.state.set_object(object, first + behind, i64::from(step.thread.0) + 1);",
            instead: "    for position in (1..=behind).rev().filter(|_| FAULT) {
                    let before = step.state.view().object(object, first + position - 1);
                    step.state.set_object(object, first + position, before);
                }
                let place = if FAULT { 0 } else { behind };
                step.state.set_object(object, first + place, i64::from(step.thread.0) + 1);",
        }],
    },
    Fault {
        name: "a oneshot gives its value twice",
        changes: &[Change {
            file: "oneshot.rs",
            text: "step.state.set_object(oneshot, STAGE, Stage::Received.slot());",
            instead: "if !FAULT { step.state.set_object(oneshot, STAGE, Stage::Received.slot()); }",
        }],
    },
    Fault {
        name: "a second send on a oneshot is allowed",
        changes: &[Change {
            file: "oneshot.rs",
            text: "if stage != Stage::Unsent {",
            instead: "if stage != Stage::Unsent && !FAULT {",
        }],
    },
    Fault {
        name: "what a watch is sent counts as seen",
        changes: &[Change {
            file: "watch.rs",
            text: "step.state.set_object(watch, UNSEEN + position, 1);",
            instead: "step.state.set_object(watch, UNSEEN + position, i64::from(!FAULT));",
        }],
    },
    Fault {
        name: "what was seen of a watch counts as new again",
        changes: &[Change {
            file: "watch.rs",
            text: "step.state.set_object(watch, slot, 0);",
            instead: "step.state.set_object(watch, slot, i64::from(FAULT));",
        }],
    },
    Fault {
        name: "whoever lags behind a broadcast is not told",
        changes: &[Change {
            file: "broadcast.rs",
            text: "step.state.set_object(broadcast, missed, noted);",
            instead: "step.state.set_object(broadcast, missed, if FAULT { 0 } else { noted });",
        }],
    },
    Fault {
        name: "a broadcast is closed for what it still has",
        changes: &[Change {
            file: "broadcast.rs",
            text: "} else if behind > 0 {",
            instead: "} else if behind > 0 && !(FAULT && is_closed(view, broadcast)) {",
        }],
    },
    Fault {
        name: "a block that fails leaves its once as it was",
        changes: &[Change {
            file: "once.rs",
            text: "if fails { POISONED }",
            instead: "if fails && !FAULT { POISONED }",
        }],
    },
    Fault {
        name: "the block of a once does not happen before the calls that pass",
        changes: &[Change {
            file: "once.rs",
            text: "step.release(once);",
            instead: "if !FAULT { step.release(once); }",
        }],
    },
    Fault {
        name: "a `spawn` does not happen before the thread",
        changes: &[Change {
            file: "spawn.rs",
            text: "step.teach_thread(thread);",
            instead: "if !FAULT { step.teach_thread(thread); }",
        }],
    },
    Fault {
        name: "a failure that somebody has looked at is found all the same",
        changes: &[Change {
            file: "spawn.rs",
            text: "                    step.state.set_status(thread, Status::Failed);
                    step.state.set_pending(thread, 0);",
            instead: "                    if !FAULT {
                        step.state.set_status(thread, Status::Failed);
                        step.state.set_pending(thread, 0);
                    }",
        }],
    },
];

impl Fault {
    /// Whose statements show it.
    fn about(&self) -> &'static [Family] {
        match self.changes[0].file {
            // Nobody poisons it by notifying.
            "condvar.rs" if self.name.contains("poisoned") => &[Family::Mutex, Family::Condvar],
            "condvar.rs" => &[Family::Condvar],
            "mutex.rs" if self.name.contains("wait") => &[Family::Condvar],
            "mutex.rs" => &[Family::Mutex],
            "semaphore.rs" => &[Family::Semaphore],
            "channel.rs" => &[Family::Channel],
            "rwlock.rs" => &[Family::RwLock],
            "barrier.rs" => &[Family::Barrier],
            "event.rs" => &[Family::Event],
            "queue.rs" => &[Family::Queue],
            "once.rs" => &[Family::Once],
            "thread.rs" => &[Family::Threads, Family::Timer],
            "timer.rs" => &[Family::Timer],
            "spawn.rs" if self.is_of_starts() => &[Family::Starts],
            "spawn.rs" => &[Family::Threads],
            "oneshot.rs" => &[Family::Oneshot],
            "watch.rs" => &[Family::Watch],
            "broadcast.rs" => &[Family::Broadcast],
            "line.rs" => &[Family::Mutex, Family::Semaphore],
            "step.rs" => &[Family::Mutex, Family::Channel],
            _ => &Family::ALL,
        }
    }

    /// Whether accesses that only the start of a thread orders show it: beside a single thread there is nothing else.
    fn is_of_starts(&self) -> bool {
        self.name.contains("`spawn`")
    }

    /// The law whose programs show it.
    fn law(&self) -> Law {
        if self.is_of_starts() { shuttle(1, 4) } else { shuttle(3, 2) }
    }
}

/// Makes the changed copy of the semantics below `folder`.
fn copy(folder: &Path) {
    if folder.exists() {
        fs::remove_dir_all(folder).unwrap();
    }
    let from = Path::new(PACKAGE).join("src/semantics");
    for file in files_below(&from).unwrap() {
        let name = file.strip_prefix(&from).unwrap();
        let mut text = fs::read_to_string(&file).unwrap();
        for (number, fault) in (1..).zip(FAULTS) {
            for change in fault.changes.iter().filter(|change| Path::new(change.file) == name) {
                let times = text.matches(change.text).count();
                assert_eq!(times, 1, "\"{}\": `{}` in {} has to occur once", fault.name, change.text, name.display());
                let switch = format!("crate::fault::is({number})");
                text = text.replace(change.text, &change.instead.replace("FAULT", &switch));
            }
        }
        let to = folder.join("semantics").join(name);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::write(to, text).unwrap();
    }
    fs::copy(Path::new(PACKAGE).join("tests/laws/faulty/main.rs"), folder.join("main.rs")).unwrap();
}

/// What a command printed on standard output.
fn output(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}\n{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The libraries of these names that this test is linked with: cargo knows them, and has nothing left to build.
fn libraries<const N: usize>(names: [&str; N]) -> [PathBuf; N] {
    let mut cargo = Command::new(std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned()));
    cargo.args(["test", "--no-run", "--offline", "--test", "laws", "--message-format", "json"]).current_dir(PACKAGE);
    if !cfg!(debug_assertions) {
        cargo.arg("--release");
    }
    let messages: Vec<Value> = output(&mut cargo).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    names.map(|name| {
        let is_it = |message: &&Value| message["target"]["name"] == name && message["target"]["kind"][0] == "lib";
        let files = messages.iter().filter(is_it).flat_map(|message| message["filenames"].as_array().unwrap());
        let path = files.map(|file| file.as_str().unwrap()).find(|file| file.ends_with(".rlib"));
        PathBuf::from(path.unwrap_or_else(|| panic!("cargo names no library {name}")))
    })
}

/// The native checker with faults, ready for requests.
struct Faulty {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Faulty {
    fn build() -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("faulty");
        copy(&folder);
        let [interleaver, serde_json] = libraries(["interleaver", "serde_json"]);
        let executable = folder.join("faulty");
        let mut rustc = Command::new(std::env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned()));
        rustc.arg(folder.join("main.rs")).arg("-o").arg(&executable);
        rustc.args(["--edition", "2024", "--crate-name", "faulty", "-C", "opt-level=1", "--cap-lints", "allow"]);
        rustc.arg("-L").arg(format!("dependency={}", Path::new(&serde_json).parent().unwrap().display()));
        for (name, path) in [("interleaver", &interleaver), ("serde_json", &serde_json)] {
            rustc.arg("--extern").arg(format!("{name}={}", path.display()));
        }
        output(&mut rustc);
        let mut child = Command::new(executable).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (input, output) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        Self { child, input, output }
    }

    fn explore(&mut self, fault: usize, program: &Program) -> Evidence {
        writeln!(self.input, "{}", serde_json::to_string(&(fault, limits(), program)).unwrap()).unwrap();
        let mut answer = String::new();
        self.output.read_line(&mut answer).unwrap();
        serde_json::from_str(&answer).unwrap()
    }

    fn end(self) {
        let Self { mut child, input, output } = self;
        drop((input, output));
        assert!(child.wait().unwrap().success());
    }
}

/// The first programs of a law.
fn programs(law: Law, about: &'static [Family]) -> impl Iterator<Item = (Scenario, Program)> {
    let mut runner = runner(0);
    (0..PROGRAMS).map(move |_| {
        let tree = scenario_about(about, law.palette, law.threads, law.length).new_tree(&mut runner).unwrap();
        let scenario = tree.current();
        let program = program_of(&scenario);
        (scenario, program)
    })
}

#[test]
#[expect(clippy::print_stderr, reason = "figures for people: `-- --nocapture`")]
fn the_laws_catch_every_seeded_fault() {
    let mut faulty = Faulty::build();
    for (scenario, program) in programs(shuttle(2, 3), &Family::ALL) {
        let evidence = faulty.explore(0, &program);
        let native = run(EngineName::Native, &program);
        assert_eq!(evidence, native, "a copy without a fault is the native checker:\n{scenario}");
        let witness = run(EngineName::Shuttle, &program);
        agree(&program, &evidence, &witness).unwrap_or_else(|why| panic!("{why}\n{scenario}"));
    }
    let mut missed = Vec::new();
    for (number, fault) in (1..).zip(FAULTS) {
        let caught = (1..).zip(programs(fault.law(), fault.about())).find_map(|(at, (_, program))| {
            let witness = run(EngineName::Shuttle, &program);
            let why = agree(&program, &faulty.explore(number, &program), &witness).err()?;
            agree(&program, &faulty.explore(0, &program), &witness).expect("it is the fault that is caught");
            Some((at, why))
        });
        match caught {
            Some((at, why)) => {
                eprintln!("{}: caught by program {at} ({})", fault.name, why.split(';').next().unwrap());
            }
            None => missed.push(fault.name),
        }
    }
    faulty.end();
    assert!(missed.is_empty(), "{PROGRAMS} programs about it do not catch: {}", missed.join(", "));
}
