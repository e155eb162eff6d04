//! The matrix scenario × engine, pinned in `tests/matrix.txt`: a cell may only improve.
//!
//! A cell says how completely an engine explores a scenario within the default limits. A worse cell fails, a better one
//! has to be written down, so that it cannot be lost again unnoticed:
//!
//! ```text
//! UPDATE_MATRIX=1 cargo test --test matrix
//! ```
//!
//! writes better cells and new scenarios. A worse cell it leaves alone: whoever wants that edits the file and says why.
//!
//! The same command writes the tables of `docs/engines.md`.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "matrix/page.rs"]
mod page;

use interleaver::engine::{self, isolate};
use interleaver::explore;
use interleaver::finding::{Coverage, EngineName, LimitHit};
use interleaver::limits::{Limits, Unwatched};
use interleaver::scenario;
use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How completely an engine explores a scenario. In ascending order: a greater cell is a better one.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Cell {
    Failed,
    Unsupported(String),
    Cut(String),
    Sampled,
    Stopped,
    Complete,
}

impl Cell {
    fn of(engine: EngineName, coverage: &Coverage) -> Self {
        match coverage {
            Coverage::Failed { .. } => Cell::Failed,
            Coverage::Unsupported(unsupported) => Cell::Unsupported(unsupported.construct.clone()),
            // What free-running threads come to differs from run to run; that they run does not.
            _ if engine == EngineName::Threads => Cell::Sampled,
            Coverage::Cut(limit) => Cell::Cut(limit_word(limit).to_owned()),
            Coverage::Sampled { .. } => Cell::Sampled,
            Coverage::StoppedAtFinding => Cell::Stopped,
            Coverage::Complete => Cell::Complete,
        }
    }

    fn runs(&self) -> bool {
        *self >= Cell::Cut(String::new())
    }

    /// Better by kind, not by the letters of a reason.
    fn rank(&self) -> u8 {
        match self {
            Cell::Failed => 0,
            Cell::Unsupported(_) => 1,
            Cell::Cut(_) => 2,
            Cell::Sampled => 3,
            Cell::Stopped => 4,
            Cell::Complete => 5,
        }
    }

    fn parse(text: &str) -> Self {
        match text.split_once(": ") {
            Some(("unsupported", what)) => Cell::Unsupported(what.to_owned()),
            Some(("cut", limit)) => Cell::Cut(limit.to_owned()),
            _ => match text {
                "complete" => Cell::Complete,
                "stopped at a finding" => Cell::Stopped,
                "sampled" => Cell::Sampled,
                "failed" => Cell::Failed,
                _ => panic!("`{text}` is no cell of tests/matrix.txt"),
            },
        }
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cell::Failed => write!(f, "failed"),
            Cell::Unsupported(what) => write!(f, "unsupported: {what}"),
            Cell::Cut(limit) => write!(f, "cut: {limit}"),
            Cell::Sampled => write!(f, "sampled"),
            Cell::Stopped => write!(f, "stopped at a finding"),
            Cell::Complete => write!(f, "complete"),
        }
    }
}

fn limit_word(limit: &LimitHit) -> &'static str {
    match limit {
        LimitHit::States { .. } => "states",
        LimitHit::Executions { .. } => "executions",
        LimitHit::Steps { .. } => "steps",
        LimitHit::SpuriousWakeUps { .. } => "wake-ups",
        LimitHit::LocalSteps { .. } => "local steps",
        LimitHit::ChannelLength { .. } => "channel length",
        LimitHit::Choices { .. } => "choices",
        LimitHit::Counter { .. } => "counter",
        LimitHit::Threads { .. } => "threads",
        LimitHit::MemoryModel => "memory model",
        LimitHit::Interrupted | LimitHit::RoundsInterrupted => "interrupted",
    }
}

/// Cells by scenario, in the order of [`EngineName::ALL`].
type Matrix = BTreeMap<String, Vec<Cell>>;

/// Explores everything, two scenarios at a time.
fn explored(package: &Path) -> Matrix {
    isolate::use_executable(env!("CARGO_BIN_EXE_interleaver").into());
    let root = package.join("scenarios");
    let files = scenario::below(&root).unwrap();
    let (next, matrix) = (AtomicUsize::new(0), Mutex::new(Matrix::new()));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let program = file.load(&[]).unwrap().program;
                    let native = explore::explore(&program, &Limits::default(), &Unwatched);
                    let mut row = vec![Cell::of(EngineName::Native, &native.coverage)];
                    // Of free-running threads only whether they run is pinned.
                    let limits = Limits { thread_runs: 1, ..Limits::default() };
                    row.extend(
                        engine::all()
                            .iter()
                            .map(|engine| Cell::of(engine.name(), &engine.run(&program, &limits, &Unwatched).coverage)),
                    );
                    let name = file.path.strip_prefix(&root).unwrap().with_extension("");
                    matrix.lock().unwrap().insert(scenario::shown(&name), row);
                }
            });
        }
    });
    matrix.into_inner().unwrap()
}

const HEAD: &str = "\
# How completely each engine explores each scenario within the default limits. A cell may only improve.
# Better cells and new scenarios: UPDATE_MATRIX=1 cargo test --test matrix
";

fn print(matrix: &Matrix) -> String {
    let mut table = vec![vec!["scenario".to_owned()]];
    table[0].extend(EngineName::ALL.map(|engine| engine.word().to_owned()));
    table.extend(
        matrix.iter().map(|(name, row)| std::iter::once(name.clone()).chain(row.iter().map(Cell::to_string)).collect()),
    );
    let width = |column: usize| table.iter().map(|row| row[column].chars().count()).max().unwrap();
    let widths: Vec<usize> = (0..table[0].len()).map(width).collect();
    let lines = table.iter().map(|row| {
        let cells: Vec<String> = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        format!("{}\n", cells.join(" | ").trim_end())
    });
    HEAD.to_owned() + &lines.collect::<String>()
}

fn parse(text: &str) -> Matrix {
    let rows = text.lines().filter(|line| !line.starts_with('#')).skip(1);
    rows.map(|row| {
        let mut cells = row.split('|').map(str::trim);
        (cells.next().unwrap().to_owned(), cells.map(Cell::parse).collect())
    })
    .collect()
}

/// What differs, and what the file should say: everything that is true, except where that is worse.
fn compare(pinned: &Matrix, now: &Matrix) -> (Vec<String>, Matrix) {
    let mut complaints = Vec::new();
    let mut wanted = now.clone();
    for (name, row) in now {
        let Some(old) = pinned.get(name) else {
            complaints.push(format!("{name} is new"));
            continue;
        };
        for (position, (engine, (old, new))) in EngineName::ALL.iter().zip(old.iter().zip(row)).enumerate() {
            if old == new {
                continue;
            }
            let worse = new.rank() < old.rank();
            let how = if worse { "worse" } else { "not worse, write it down" };
            complaints.push(format!("{name} on {}: was `{old}`, is `{new}` ({how})", engine.word()));
            if worse {
                wanted.get_mut(name).unwrap()[position] = old.clone();
            }
        }
    }
    complaints.extend(pinned.keys().filter(|name| !now.contains_key(*name)).map(|name| format!("{name} is gone")));
    (complaints, wanted)
}

#[test]
fn no_cell_gets_worse() {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = package.join("tests/matrix.txt");
    let now = explored(package);
    let pinned = if path.exists() { parse(&fs::read_to_string(&path).unwrap()) } else { Matrix::new() };
    let (mut complaints, wanted) = compare(&pinned, &now);
    if std::env::var_os("UPDATE_MATRIX").is_some() {
        fs::write(&path, print(&wanted)).unwrap();
        complaints = compare(&wanted, &now).0;
    }
    assert!(
        complaints.is_empty(),
        "tests/matrix.txt and what the engines do differ:\n  {}\nUPDATE_MATRIX=1 cargo test --test matrix writes what is \
         not worse; a worse cell needs a reason, and an edit by hand.",
        complaints.join("\n  ")
    );

    for (position, engine) in EngineName::ALL.into_iter().enumerate() {
        let cells = || now.values().map(|row| &row[position]);
        let (run, complete) =
            (cells().filter(|cell| cell.runs()).count(), cells().filter(|cell| **cell == Cell::Complete).count());
        assert!(run >= 20, "{} runs only {run} scenarios", engine.word());
        if engine != EngineName::Threads {
            assert!(complete >= 12, "{} is complete on only {complete} scenarios", engine.word());
        }
    }
}

#[test]
fn a_worse_cell_is_kept_and_a_better_one_is_written() {
    let row = |cells: [Cell; 4]| cells.to_vec();
    let cut = || Cell::Cut("executions".to_owned());
    let pinned = Matrix::from([
        ("a".to_owned(), row([Cell::Complete, Cell::Complete, cut(), Cell::Sampled])),
        ("gone".to_owned(), row([Cell::Complete, Cell::Complete, Cell::Complete, Cell::Sampled])),
    ]);
    let now = Matrix::from([
        ("a".to_owned(), row([Cell::Complete, cut(), Cell::Complete, Cell::Sampled])),
        ("new".to_owned(), row([Cell::Complete, Cell::Stopped, Cell::Failed, Cell::Unsupported("x".to_owned())])),
    ]);
    let (complaints, wanted) = compare(&pinned, &now);
    assert_eq!(
        complaints,
        [
            "a on loom: was `complete`, is `cut: executions` (worse)",
            "a on shuttle: was `cut: executions`, is `complete` (not worse, write it down)",
            "new is new",
            "gone is gone",
        ]
    );
    assert_eq!(wanted["a"], row([Cell::Complete, Cell::Complete, Cell::Complete, Cell::Sampled]));
    assert_eq!(parse(&print(&wanted)), wanted);
    assert_eq!(compare(&wanted, &wanted).0, Vec::<String>::new());
}
