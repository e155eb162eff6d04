//! Runs an engine in a child process of the same executable, so that whatever it does to its process stays there.
//!
//! Protocol: the parent starts itself with [`SUBCOMMAND`] and the engine's name, writes one line of JSON (the request) to
//! the child's standard input and keeps that pipe open: a further line asks the child to stop with what it has, and the
//! end of the pipe (the parent is gone, however it died) ends the child. The child answers on standard output with lines
//! of JSON: progress, then what came of it. Its standard error is swallowed, except for one line that explains a crash.
//!
//! What a child may use of the machine is bounded (see `bounds`), and so is how long it may do nothing (see `pulse`).
//! Whatever ends it (an abort, an overflown stack, a bound) is the failure of its engine, while the others go on.
//!
//! This module knows no engine: the table of what a child can run is in the parent module.

mod bounds;
mod pulse;

use super::Engine;
use super::capabilities::Capabilities;
use super::replay::{NoReplay, replay_here};
use crate::finding::{Counts, Coverage, EngineName, Evidence, LimitHit, OtherEnds, Replay, Unsupported};
use crate::limits::{Limits, Watch};
use crate::program::Program;
use crate::schedule::Choice;
use bounds::Bounds;
use pulse::Pulse;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, ExitCode, ExitStatus, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// The hidden first argument that turns an executable into a child.
pub const SUBCOMMAND: &str = "__engine";

/// How often a waiting parent looks whether it was interrupted, and a child tells its progress at most.
const POLL: Duration = Duration::from_millis(50);
/// How long an interrupted child has to hand over what it found so far.
const GRACE: Duration = Duration::from_secs(2);
/// Programs may be nested deeply, and reading them is recursive.
const CHILD_STACK: usize = 64 << 20;
/// How much of a line of standard error is quoted.
const QUOTED: usize = 200;
/// The line that asks a child to stop.
const STOP: &str = "stop";

/// What a child is asked to do.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Request {
    /// What to run.
    pub(super) program: Program,
    /// Within what.
    pub(super) limits: Limits,
    /// What to do with it.
    pub(super) task: Task,
}

/// What a child does with a program.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Task {
    /// Runs it.
    Run {
        /// How many executions other processes have already run for the same question: seeds go on from there.
        first: u64,
    },
    /// Follows schedules, one after the other.
    Follow(Vec<Vec<Choice>>),
}

/// What a child says, one line each.
#[derive(Debug, Serialize, Deserialize)]
enum Message {
    Progress(u64),
    Done(Box<Done>),
}

/// What came of a task.
#[derive(Debug, Serialize, Deserialize)]
enum Done {
    Ran(Evidence),
    Followed(Result<Vec<Replay>, NoReplay>),
}

/// What a child runs for one engine; the number is `first` of the task.
pub(super) type Job = fn(&Request, u64, &dyn Watch) -> Evidence;

/// An engine, moved into a child process: a foreign runtime may bring its process down.
#[derive(Clone, Copy, Debug)]
pub struct Isolated<E>(pub E);

impl<E: Engine> Engine for Isolated<E> {
    fn name(&self) -> EngineName {
        self.0.name()
    }

    fn capabilities(&self) -> &'static Capabilities {
        self.0.capabilities()
    }

    fn supports(&self, program: &Program) -> Result<(), Unsupported> {
        self.0.supports(program)
    }

    fn run(&self, program: &Program, limits: &Limits, watch: &dyn Watch) -> Evidence {
        match self.supports(program) {
            Err(unsupported) => without_counts(self.name(), Coverage::Unsupported(unsupported)),
            Ok(()) => run_in_child(self.name(), program, limits, 0, watch),
        }
    }
}

/// Runs an engine of the table in a child process and waits for its evidence.
pub(super) fn run_in_child(
    engine: EngineName,
    program: &Program,
    limits: &Limits,
    first: u64,
    watch: &dyn Watch,
) -> Evidence {
    let request = Request { program: program.clone(), limits: limits.clone(), task: Task::Run { first } };
    let executions = match engine {
        EngineName::Loom => limits.loom_executions,
        EngineName::Threads => limits.thread_runs,
        EngineName::Shuttle => limits.shuttle_executions,
        EngineName::Native => 0,
    };
    let bounds = Bounds::for_executions(executions);
    evidence(engine, command(engine).and_then(|command| ask(command, &request, bounds, watch)))
}

/// Lets an engine follow schedules in a child process.
///
/// # Errors
/// Why it has not.
pub(super) fn replay_in_child(
    engine: EngineName,
    program: &Program,
    limits: &Limits,
    schedules: &[Vec<Choice>],
    watch: &dyn Watch,
) -> Result<Vec<Replay>, NoReplay> {
    let task = Task::Follow(schedules.to_vec());
    let request = Request { program: program.clone(), limits: limits.clone(), task };
    let bounds = Bounds::for_executions(u64::try_from(schedules.len()).unwrap_or(u64::MAX));
    match command(engine).and_then(|command| ask(command, &request, bounds, watch)) {
        Ok(Done::Followed(replayed)) => replayed,
        Ok(Done::Ran(_)) => Err(NoReplay::Failed(OTHER_QUESTION.to_owned())),
        Err(NoAnswer::Interrupted) => Err(NoReplay::Failed("it was interrupted".to_owned())),
        Err(NoAnswer::Failed(message)) => Err(NoReplay::Failed(message)),
    }
}

const OTHER_QUESTION: &str = "its process answered another question";

/// The command that starts a child.
fn command(engine: EngineName) -> Result<Command, NoAnswer> {
    let executable = EXECUTABLE.get().ok_or_else(|| {
        let message = "this executable cannot be a child: its `main` has to call `serve_if_asked` first";
        NoAnswer::Failed(message.to_owned())
    })?;
    let mut command = Command::new(executable);
    command.arg(SUBCOMMAND).arg(engine.word());
    Ok(command)
}

/// The evidence of a child that was to run something.
fn evidence(engine: EngineName, answer: Result<Done, NoAnswer>) -> Evidence {
    let coverage = match answer {
        Ok(Done::Ran(evidence)) if evidence.engine == engine => return evidence,
        Ok(Done::Ran(_) | Done::Followed(_)) => Coverage::Failed { message: OTHER_QUESTION.to_owned() },
        Err(NoAnswer::Interrupted) => Coverage::Cut(LimitHit::Interrupted),
        Err(NoAnswer::Failed(message)) => Coverage::Failed { message },
    };
    without_counts(engine, coverage)
}

/// Evidence of an engine that has run nothing, or has nothing to show for it.
pub(super) fn without_counts(engine: EngineName, coverage: Coverage) -> Evidence {
    Evidence {
        engine,
        coverage,
        counts: Counts::default(),
        findings: Vec::new(),
        outcomes: BTreeMap::new(),
        other_ends: OtherEnds::default(),
        samples: Vec::new(),
        not_checked: Vec::new(),
    }
}

/// The executable that can be a child. Empty until somebody has said so: starting a program that does not look at its
/// arguments would run the whole program again.
static EXECUTABLE: OnceLock<PathBuf> = OnceLock::new();

/// Becomes a child if the arguments say so. Every executable that uses isolated engines calls this first in `main` and
/// returns the exit code if there is one.
#[must_use]
pub fn serve_if_asked() -> Option<ExitCode> {
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next().as_deref() != Some(OsStr::new(SUBCOMMAND)) {
        if let Ok(path) = std::env::current_exe() {
            use_executable(path);
        }
        return None;
    }
    let word = arguments.next().unwrap_or_default();
    let engine = EngineName::ALL.into_iter().find(|engine| OsStr::new(engine.word()) == word);
    let Some((engine, job)) = engine.and_then(|engine| Some((engine, super::child_job(engine)?))) else {
        return Some(ExitCode::from(2));
    };
    // The main thread's stack belongs to the system's settings; this one is ours.
    let server = std::thread::Builder::new().stack_size(CHILD_STACK).spawn(move || serve(engine, job));
    let served = server.map_err(drop).and_then(|server| server.join().map_err(drop));
    Some(if served == Ok(true) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Names an executable that calls [`serve_if_asked`] on behalf of this one: for tests under the standard harness, whose
/// `main` is not theirs. The first call wins.
pub fn use_executable(path: PathBuf) {
    EXECUTABLE.get_or_init(|| path);
}

/// The child's life: reads the request, does what it asks for, answers. Returns whether the parent was answered.
fn serve(engine: EngineName, job: Job) -> bool {
    let mut input = BufReader::new(std::io::stdin());
    let mut line = Vec::new();
    if input.read_until(b'\n', &mut line).is_err() {
        return false;
    }
    let Ok(request) = read_request(&line) else {
        return false;
    };
    let watch = ParentWatch { stop: Arc::new(AtomicBool::new(false)), told: Mutex::new(Instant::now()) };
    let stop = Arc::clone(&watch.stop);
    let lifeline = std::thread::Builder::new().spawn(move || listen(input, &stop));
    if lifeline.is_err() {
        return false;
    }
    let done = match &request.task {
        Task::Run { first } => Done::Ran(job(&request, *first, &watch)),
        Task::Follow(schedules) => {
            let replay =
                |choices: &Vec<Choice>| replay_here(engine, &request.program, choices, &request.limits, &watch);
            Done::Followed(schedules.iter().map(replay).collect())
        }
    };
    say(&Message::Done(Box::new(done))).is_ok()
}

fn read_request(line: &[u8]) -> serde_json::Result<Request> {
    let mut json = serde_json::Deserializer::from_slice(line);
    json.disable_recursion_limit();
    Request::deserialize(&mut json)
}

/// Listens to the parent for as long as it lives, and does not outlive it.
fn listen(input: impl BufRead, stop: &AtomicBool) {
    for line in input.lines() {
        match line {
            Ok(line) if line == STOP => stop.store(true, Ordering::Relaxed),
            Ok(_) => {}
            Err(_) => break,
        }
    }
    std::process::exit(1);
}

fn say(message: &Message) -> std::io::Result<()> {
    let mut line = serde_json::to_vec(message)?;
    line.push(b'\n');
    let mut output = std::io::stdout().lock();
    output.write_all(&line)?;
    output.flush()
}

/// The parent, seen from the child's engine.
struct ParentWatch {
    stop: Arc<AtomicBool>,
    told: Mutex<Instant>,
}

impl Watch for ParentWatch {
    fn progress(&self, done: u64) {
        let mut told = self.told.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if told.elapsed() >= POLL {
            *told = Instant::now();
            // A parent that no longer listens closes the other pipe too, which ends this process.
            let _ = say(&Message::Progress(done));
        }
    }

    fn interrupted(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

/// Why a child has not answered.
#[derive(Debug)]
enum NoAnswer {
    /// It was asked to stop, and had nothing to say.
    Interrupted,
    /// It failed, or could not be started: never a statement about the program.
    Failed(String),
}

/// Asks a fresh process and waits for its answer; whatever goes wrong is that engine's failure.
fn ask(mut command: Command, request: &Request, bounds: Bounds, watch: &dyn Watch) -> Result<Done, NoAnswer> {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).env("RUST_BACKTRACE", "0");
    // Ctrl-C goes to the parent alone, which asks the child for what it has.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    match converse(command, request, bounds, watch) {
        Ok(Answer { done: Some(done), .. }) => Ok(done),
        Ok(Answer { interrupted: true, .. }) => Err(NoAnswer::Interrupted),
        Ok(answer) => Err(NoAnswer::Failed(answer.failure(bounds))),
        Err(error) => Err(NoAnswer::Failed(format!("cannot run the engine's process: {error}"))),
    }
}

/// Why a child is killed that nobody has interrupted.
enum GivenUp {
    /// A line of its output is not of the protocol.
    Garbage(String),
    /// It has done nothing for long: see `pulse`.
    Still,
}

/// Everything that came back from a child.
struct Answer {
    done: Option<Done>,
    /// Why it was killed.
    given_up: Option<GivenUp>,
    /// Its last words on standard error.
    complaint: String,
    status: ExitStatus,
    /// The parent had asked it to stop.
    interrupted: bool,
}

impl Answer {
    /// Why there is no answer, without anything that differs between two runs of the same crash.
    fn failure(&self, bounds: Bounds) -> String {
        let signal = signal(self.status);
        let message = match (&self.given_up, signal) {
            (Some(GivenUp::Garbage(line)), _) => format!("its process answered `{line}`"),
            (Some(GivenUp::Still), _) => "its process lived on and did nothing, and was ended".to_owned(),
            (None, Some(signal)) => format!("signal {signal} ended its process"),
            (None, None) => format!("its process ended without an answer ({})", self.status),
        };
        let complaint = signal.and_then(|signal| bounds.meaning(signal)).unwrap_or_else(|| self.complaint.clone());
        if complaint.is_empty() { message } else { format!("{message}: {complaint}") }
    }
}

#[cfg(unix)]
fn signal(status: ExitStatus) -> Option<i32> {
    std::os::unix::process::ExitStatusExt::signal(&status)
}

#[cfg(not(unix))]
fn signal(_status: ExitStatus) -> Option<i32> {
    None
}

fn converse(mut command: Command, request: &Request, bounds: Bounds, watch: &dyn Watch) -> std::io::Result<Answer> {
    let mut line = serde_json::to_vec(request)?;
    line.push(b'\n');
    let mut child = Running(command.spawn()?);
    bounds.impose(&child.0)?;
    let mut input = child.0.stdin.take();
    let output = child.0.stdout.take();
    let errors = child.0.stderr.take();
    std::thread::scope(|scope| {
        let (sender, receiver) = mpsc::channel();
        scope.spawn(move || {
            for line in output.into_iter().flat_map(|output| BufReader::new(output).split(b'\n')) {
                let Ok(line) = line else { break };
                let message = serde_json::from_slice(&line).map_err(|_| quoted(&line));
                if sender.send(message).is_err() {
                    break;
                }
            }
        });
        let errors = scope.spawn(move || last_line(errors));
        if let Some(input) = &mut input {
            // A child that died before it read everything shows itself by its status.
            let _ = input.write_all(&line);
        }
        let pulse = Pulse::of(child.0.id(), bounds.patience);
        let (heard, interrupted) = wait(&mut child, &mut input, &receiver, pulse, watch);
        if heard.is_err() {
            child.kill();
        }
        drop(input);
        let status = child.0.wait()?;
        let complaint = errors.join().unwrap_or_default();
        let (done, given_up) = match heard {
            Ok(done) => (done, None),
            Err(why) => (None, Some(why)),
        };
        Ok(Answer { done, given_up, complaint, status, interrupted })
    })
}

/// Waits until the child has said all it has to say; the second result is whether it was asked to stop.
fn wait(
    child: &mut Running,
    input: &mut Option<ChildStdin>,
    receiver: &mpsc::Receiver<Result<Message, String>>,
    mut pulse: Pulse,
    watch: &dyn Watch,
) -> (Result<Option<Done>, GivenUp>, bool) {
    let mut done = None;
    let mut asked: Option<Instant> = None;
    loop {
        match receiver.recv_timeout(POLL) {
            Ok(Ok(Message::Progress(so_far))) => watch.progress(so_far),
            Ok(Ok(Message::Done(heard))) => done = Some(*heard),
            Ok(Err(line)) => return (Err(GivenUp::Garbage(line)), asked.is_some()),
            Err(RecvTimeoutError::Disconnected) => return (Ok(done), asked.is_some()),
            Err(RecvTimeoutError::Timeout) if pulse.has_stopped() => return (Err(GivenUp::Still), asked.is_some()),
            Err(RecvTimeoutError::Timeout) => {}
        }
        match asked {
            None if watch.interrupted() => {
                asked = Some(Instant::now());
                if let Some(input) = input {
                    // A child that no longer reads is about to end anyway, or is killed when patience ends.
                    let _ = writeln!(input, "{STOP}").and_then(|()| input.flush());
                }
            }
            Some(since) if since.elapsed() > GRACE => child.kill(),
            None | Some(_) => {}
        }
    }
}

/// A child that does not outlive its parent's interest, whatever way that ends.
struct Running(Child);

impl Running {
    fn kill(&mut self) {
        // It fails only where the child has ended already.
        let _ = self.0.kill();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.kill();
        let _ = self.0.wait();
    }
}

/// The last line that says something, cut to a length for people. How to get a backtrace is of no use to them.
fn last_line(errors: Option<impl Read>) -> String {
    let mut last = String::new();
    for line in errors.into_iter().flat_map(|errors| BufReader::new(errors).split(b'\n')) {
        match line {
            Ok(line) if !line.trim_ascii().is_empty() && !line.starts_with(b"note: ") => last = quoted(&line),
            Ok(_) => {}
            Err(_) => break,
        }
    }
    last
}

fn quoted(line: &[u8]) -> String {
    String::from_utf8_lossy(line).trim().chars().take(QUOTED).collect()
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::limits::Unwatched;
    use crate::program::{BinaryOp, Code, Expr, Instr, InstrKind, LocalExpr, Memory, Source, Span};

    /// What a child with this shell script for a mind comes to.
    fn coverage(script: &str, bounds: Bounds, watch: &dyn Watch) -> Coverage {
        let mut command = Command::new("/bin/sh");
        command.arg("-c").arg(script);
        evidence(EngineName::Loom, ask(command, &request(Expr::Const(1)), bounds, watch)).coverage
    }

    fn failure(script: &str) -> String {
        failure_within(Bounds::for_executions(1), script)
    }

    fn failure_within(bounds: Bounds, script: &str) -> String {
        let coverage = coverage(script, bounds, &Unwatched);
        let Coverage::Failed { message } = coverage else { panic!("`{script}` gave {coverage:?}") };
        message
    }

    fn request(condition: LocalExpr) -> Request {
        let kind = InstrKind::Assume { condition };
        let instr = Instr { kind, span: Span::default(), unwind: None, dead: Vec::new() };
        let program = Program {
            title: String::new(),
            source: Source { name: String::new(), text: String::new() }.into(),
            parameters: Vec::new(),
            memory: Memory::Sc,
            option_lines: Vec::new(),
            objects: Vec::new(),
            threads: Vec::new(),
            spawned: Vec::new(),
            codes: vec![Code { name: String::new(), locals: Vec::new(), instrs: vec![instr] }],
            properties: Vec::new(),
            observed: Vec::new(),
            expectations: Vec::new(),
            liveness: crate::program::Liveness::UNASKED,
        };
        Request { program, limits: Limits::default(), task: Task::Run { first: 7 } }
    }

    /// Interrupts after some polls.
    struct Impatient(AtomicBool);

    impl Watch for Impatient {
        fn progress(&self, _done: u64) {}

        fn interrupted(&self) -> bool {
            self.0.swap(true, Ordering::Relaxed)
        }
    }

    #[test]
    fn a_crash_is_the_failure_of_the_engine_and_quotes_its_last_words() {
        assert_eq!(failure("read line; kill -ABRT $$"), "signal 6 ended its process");
        assert_eq!(
            failure("read line; echo first >&2; echo 'stack overflow' >&2; echo >&2; kill -SEGV $$"),
            "signal 11 ended its process: stack overflow"
        );
        assert_eq!(failure("read line; exit 3"), "its process ended without an answer (exit status: 3)");
    }

    #[test]
    fn an_answer_that_is_not_of_the_protocol_is_a_failure_even_where_the_process_lives_on() {
        assert_eq!(failure("echo; exec cat"), "its process answered ``");
        assert_eq!(failure("echo running 3 tests; exec sleep 1000"), "its process answered `running 3 tests`");
        let evidence = without_counts(EngineName::Shuttle, Coverage::Complete);
        let json = serde_json::to_string(&Message::Done(Box::new(Done::Ran(evidence)))).expect("plain data");
        assert_eq!(failure(&format!("read line; echo '{json}'")), OTHER_QUESTION);
        assert_eq!(failure("read line"), "its process ended without an answer (exit status: 0)");
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_child_that_uses_too_much_of_the_machine_is_ended_and_says_why() {
        let busy = Bounds::tight(1 << 30, 1);
        assert_eq!(
            failure_within(busy, "read line; while :; do :; done"),
            "signal 24 ended its process: it has used the processor for 1 seconds"
        );
        let small = Bounds::tight(64 << 20, 100);
        // How a shell takes it depends on the shell; without the bound this would not end before the machine does.
        let said = failure_within(small, "read line; x=aaaaaaaa; while :; do x=$x$x; done");
        assert!(said.contains("ended its process") || said.contains("its process ended"), "{said}");
        let bounds = "read line; echo $(ulimit -c) $(ulimit -d) $(ulimit -t) >&2; exit 3";
        assert_eq!(
            failure_within(Bounds::for_executions(400), bounds),
            "its process ended without an answer (exit status: 3): 0 4194304 220"
        );
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_child_that_does_nothing_is_not_waited_for_without_end() {
        let bounds = Bounds::impatient(60);
        let said = "its process lived on and did nothing, and was ended";
        assert_eq!(failure_within(bounds, "read line; exec sleep 1000"), said);
        assert_eq!(failure_within(bounds, "read line; kill -STOP $$"), said);
        // It works, with pauses.
        let busy = "read line; for i in 1 2 3 4 5; do sleep 0.3; n=0; while [ $n -lt 20000 ]; do n=$((n+1)); done; done; exit 3";
        assert_eq!(failure_within(bounds, busy), "its process ended without an answer (exit status: 3)");
    }

    #[test]
    fn a_child_is_asked_to_stop_and_what_it_found_so_far_counts() {
        let watch = Impatient(AtomicBool::new(false));
        let found = without_counts(EngineName::Loom, Coverage::StoppedAtFinding);
        let json = serde_json::to_string(&Message::Done(Box::new(Done::Ran(found)))).expect("plain data");
        let script = format!("read request; read word; test \"$word\" = stop && echo '{json}'");
        assert_eq!(coverage(&script, Bounds::for_executions(1), &watch), Coverage::StoppedAtFinding);
    }

    #[test]
    fn a_child_that_does_not_stop_is_killed() {
        let watch = Impatient(AtomicBool::new(false));
        let before = Instant::now();
        assert_eq!(
            coverage("exec sleep 1000", Bounds::for_executions(1), &watch),
            Coverage::Cut(LimitHit::Interrupted)
        );
        assert!(before.elapsed() < Duration::from_secs(100), "{:?}", before.elapsed());
    }

    #[test]
    fn deeply_nested_programs_cross_the_border() {
        let mut condition = Expr::Const(1);
        for _ in 0..1_000 {
            condition = Expr::Binary(BinaryOp::Add, Box::new(condition), Box::new(Expr::Const(1)));
        }
        let request = request(condition);
        let line = serde_json::to_vec(&request).expect("plain data");
        let read = std::thread::Builder::new().stack_size(CHILD_STACK).spawn(move || {
            let back = read_request(&line).expect("it is what was written");
            serde_json::to_vec(&back.program).expect("plain data")
        });
        let back = read.expect("a thread").join().expect("no panic");
        assert_eq!(back, serde_json::to_vec(&request.program).expect("plain data"));
    }
}
