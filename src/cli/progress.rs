//! The progress bar, on a terminal only, and what searches see of it.

use super::interrupt;
use super::terminal::Terminal;
use crate::limits::Watch;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// One bar for a whole run; hidden where nobody looks.
#[derive(Debug)]
pub(super) struct Progress {
    bar: ProgressBar,
    /// Set where the rest of the run is not wanted any more.
    stopped: AtomicBool,
}

impl Progress {
    pub(super) fn new(terminal: &Terminal, files: usize) -> Self {
        let target = if terminal.watched { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(u64::try_from(files).ok(), target);
        let style = ProgressStyle::with_template("{bar:20} {pos}/{len} {elapsed} {wide_msg}");
        bar.set_style(style.expect("the template is a constant"));
        if terminal.watched {
            bar.enable_steady_tick(Duration::from_millis(200));
        }
        Self { bar, stopped: AtomicBool::new(false) }
    }

    /// Watches the exploration of one file.
    pub(super) fn of<'a>(&'a self, path: &'a str) -> impl Watch + 'a {
        FileWatch { progress: self, path }
    }

    /// One more is done.
    pub(super) fn one_done(&self) {
        self.bar.inc(1);
    }

    /// Ends all searches of this run: their results are not wanted.
    pub(super) fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    /// Whether no new search shall begin.
    pub(super) fn over(&self) -> bool {
        self.stopped.load(Ordering::Relaxed) || interrupt::interrupted()
    }

    /// Takes the bar away while something is printed.
    pub(super) fn beside<T>(&self, print: impl FnOnce() -> T) -> T {
        self.bar.suspend(print)
    }

    /// Takes the bar away for good.
    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

struct FileWatch<'a> {
    progress: &'a Progress,
    path: &'a str,
}

impl Watch for FileWatch<'_> {
    fn progress(&self, done: u64) {
        self.progress.bar.set_message(format!("{} {done}", self.path));
    }

    fn interrupted(&self) -> bool {
        self.progress.over()
    }
}
