//! A few workers at once, and their results in order: the output does not depend on who is faster.

use super::progress::Progress;
use std::io;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

/// Items worked on at the same time. More would only share the same cores: engines that run threads use several.
const WORKERS: usize = 2;

/// Works on all items and hands each result to `take` in the order of the items, until it has enough.
///
/// # Errors
/// The first error of `take`.
pub(super) fn in_order<T: Sync, R: Send>(
    items: &[T],
    progress: &Progress,
    work: impl Fn(&T) -> R + Sync,
    mut take: impl FnMut(&T, R) -> io::Result<ControlFlow<()>>,
) -> io::Result<()> {
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        let (sender, results) = mpsc::channel();
        for _ in 0..WORKERS.min(items.len()) {
            let (sender, next, work) = (sender.clone(), &next, &work);
            scope.spawn(move || {
                loop {
                    let position = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(position) else { return };
                    // The receiver has gone only where nobody wants results any more.
                    if sender.send((position, work(item))).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        let taken = take_in_order(items, &results, progress, &mut take);
        // Whatever still runs is not wanted; the scope waits until it has noticed.
        progress.stop();
        taken
    })
}

fn take_in_order<T, R>(
    items: &[T],
    results: &mpsc::Receiver<(usize, R)>,
    progress: &Progress,
    take: &mut impl FnMut(&T, R) -> io::Result<ControlFlow<()>>,
) -> io::Result<()> {
    let mut early: Vec<Option<R>> = items.iter().map(|_| None).collect();
    let mut turn = 0;
    for (position, result) in results {
        early[position] = Some(result);
        while let Some(result) = early.get_mut(turn).and_then(Option::take) {
            let goes_on = progress.beside(|| take(&items[turn], result))?;
            progress.one_done();
            turn += 1;
            if goes_on.is_break() {
                return Ok(());
            }
        }
    }
    Ok(())
}
