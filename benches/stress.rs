//! How often free-running threads show what the model finds: the gallery, file by file, in every way to shake threads.
//!
//! ```text
//! cargo bench --bench stress -- [--runs N] [--jitter WAY]… [--broken | --mended] [PART OF A NAME]
//! ```
//!
//! Prints a table in Markdown, `docs/stress.md` is made of it. Counts only: times would say more about the machine. Fails
//! where a run leaves the model.

use interleaver::engine::agreement::{Agreement, can_show, compare};
use interleaver::engine::{by_name, isolate};
use interleaver::explore::explore;
use interleaver::finding::{EngineName, Evidence};
use interleaver::limits::{Jitter, Limits, Unwatched};
use interleaver::scenario::{self, ScenarioFile};
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

/// What to measure.
struct Plan {
    runs: u64,
    ways: Vec<Jitter>,
    broken: bool,
    mended: bool,
    part: String,
}

impl Plan {
    /// Reads the command line; `None` where it makes no sense.
    fn read(arguments: impl Iterator<Item = String>) -> Option<Self> {
        let mut plan = Self { runs: 1_000, ways: Vec::new(), broken: true, mended: true, part: String::new() };
        // Cargo tells a benchmark that it is one.
        let mut arguments = arguments.filter(|argument| argument != "--bench");
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--runs" => plan.runs = arguments.next()?.parse().ok()?,
                "--jitter" => {
                    let word = arguments.next()?;
                    plan.ways.push(Jitter::ALL.into_iter().find(|way| way.word() == word)?);
                }
                "--broken" => plan.mended = false,
                "--mended" => plan.broken = false,
                part if part.starts_with('-') => return None,
                part => part.clone_into(&mut plan.part),
            }
        }
        if plan.ways.is_empty() {
            plan.ways.push(Jitter::default());
        }
        Some(plan)
    }
}

fn main() -> ExitCode {
    if let Some(code) = isolate::serve_if_asked() {
        return code;
    }
    let Some(plan) = Plan::read(std::env::args().skip(1)) else { return ExitCode::from(2) };
    match measure(&plan) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            let _ = writeln!(io::stderr(), "{error}");
            ExitCode::FAILURE
        }
    }
}

/// Prints the table; gives the number of runs' evidences that leave the model.
fn measure(plan: &Plan) -> io::Result<usize> {
    let mut out = io::stdout().lock();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let files = scenario::below(&folder)?;
    let ways: Vec<&str> = plan.ways.iter().map(|way| way.word()).collect();
    writeln!(out, "| scenario | finds | {} |", ways.join(" | "))?;
    writeln!(out, "|---|---|{}", "---:|".repeat(ways.len()))?;
    let mut sums: Vec<Sum> = plan.ways.iter().map(|_| Sum::default()).collect();
    for file in &files {
        let path = &file.path;
        let name = path.strip_prefix(&folder).unwrap_or(path).with_extension("").display().to_string();
        if name.contains(&plan.part) {
            row(&mut out, plan, file, &name, &mut sums)?;
            out.flush()?;
        }
    }
    writeln!(out)?;
    for (way, sum) in plan.ways.iter().zip(&sums) {
        writeln!(out, "{}: {sum}", way.word())?;
    }
    Ok(sums.iter().map(|sum| sum.outside.len()).sum())
}

/// One file.
fn row(out: &mut impl Write, plan: &Plan, file: &ScenarioFile, name: &str, sums: &mut [Sum]) -> io::Result<()> {
    let threads = by_name(EngineName::Threads).ok_or_else(|| io::Error::other("threads are left out of this build"))?;
    let loaded = file.load(&[]).map_err(|_| io::Error::other(name.to_owned()))?;
    let program = &loaded.program;
    let native = explore(program, &Limits::default(), &Unwatched);
    let broken = !native.findings.is_empty();
    if broken && !plan.broken || !broken && !plan.mended {
        return Ok(());
    }
    let kinds: std::collections::BTreeSet<String> =
        native.findings.iter().map(|finding| finding.kind().to_string()).collect();
    let finds = if broken { kinds.into_iter().collect::<Vec<_>>().join(", ") } else { "nothing".to_owned() };
    let shown = native.findings.iter().any(|finding| can_show(EngineName::Threads, finding));
    let reason = match threads.supports(program) {
        Err(unsupported) => Some(format!("cannot: {}", unsupported.construct)),
        Ok(()) => (broken && !shown).then(|| "does not see it".to_owned()),
    };
    if let Some(reason) = reason {
        return writeln!(out, "| {name} | {finds} | {reason} |{}", " |".repeat(plan.ways.len() - 1));
    }
    write!(out, "| {name} | {finds} |")?;
    for (way, sum) in plan.ways.iter().zip(sums) {
        let limits = Limits { thread_runs: plan.runs, jitter: *way, ..Limits::default() };
        let ran = threads.run(program, &limits, &Unwatched);
        let hits = sum.add(name, broken, &native, &ran, &compare(program, &native, &ran));
        write!(out, " {hits} |")?;
    }
    writeln!(out)
}

/// What one way to shake has come to.
#[derive(Default)]
struct Sum {
    broken: usize,
    shown: usize,
    mended: usize,
    runs_of_mended: u64,
    rare: Vec<String>,
    outside: Vec<String>,
}

impl Sum {
    /// Adds a file; gives its cell.
    fn add(&mut self, name: &str, broken: bool, native: &Evidence, ran: &Evidence, agreement: &Agreement) -> String {
        let hits: u64 = ran.samples.iter().map(|sample| sample.hits).sum();
        let runs = ran.counts.executions;
        match agreement {
            Agreement::Agrees | Agreement::Inside | Agreement::Inconclusive(_) => {}
            Agreement::Unsupported(_) | Agreement::Failed(_) | Agreement::Contradicts(_) => {
                self.outside.push(format!("{name}: {agreement:?}, native {:?}", native.coverage));
                return "**OUTSIDE**".to_owned();
            }
        }
        if !broken {
            self.mended += 1;
            self.runs_of_mended += runs;
            return if hits == 0 { "inside".to_owned() } else { format!("**{hits} outside**") };
        }
        self.broken += 1;
        if hits == 0 {
            self.rare.push(name.to_owned());
            return format!("below 1 in {runs}");
        }
        self.shown += 1;
        hits.to_string()
    }
}

impl std::fmt::Display for Sum {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} of {} broken files show it; {} mended files, {} runs of them; outside the model: {}",
            self.shown,
            self.broken,
            self.mended,
            self.runs_of_mended,
            self.outside.len()
        )?;
        for outside in &self.outside {
            write!(f, "\n  OUTSIDE {outside}")?;
        }
        for rare in &self.rare {
            write!(f, "\n  not shown: {rare}")?;
        }
        Ok(())
    }
}
