//! Which processors the calling thread may run on, and how exactly it is woken from a nap. Linux only: elsewhere every
//! thread may run on all of them, and is woken when the system likes.

use std::io;

/// Only on the first of those that this process may use: all threads that are pinned share it.
///
/// # Errors
/// Those of the kernel.
#[cfg(target_os = "linux")]
pub(super) fn to_one() -> io::Result<()> {
    let all = all()?;
    let first = (0..CpuSet::MAX_CPU).find(|processor| all.is_set(*processor));
    let mut one = CpuSet::new();
    one.set(first.ok_or_else(|| io::Error::other("a process without a processor"))?);
    now(one)
}

/// On every processor that this process may use.
///
/// # Errors
/// Those of the kernel.
#[cfg(target_os = "linux")]
pub(super) fn to_all() -> io::Result<()> {
    now(all()?)
}

/// Lets short naps of the calling thread be short: by default the kernel adds a multiple of them.
///
/// # Errors
/// Those of the kernel.
#[cfg(target_os = "linux")]
pub(super) fn wake_promptly() -> io::Result<()> {
    Ok(rustix::thread::set_current_timer_slack(Some(std::num::NonZeroU64::MIN))?)
}

#[cfg(target_os = "linux")]
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

/// The processors that the first caller might use, which has not been pinned yet.
#[cfg(target_os = "linux")]
fn all() -> io::Result<CpuSet> {
    static ALL: std::sync::OnceLock<CpuSet> = std::sync::OnceLock::new();
    match ALL.get() {
        Some(all) => Ok(*all),
        None => {
            let own = sched_getaffinity(None)?;
            Ok(*ALL.get_or_init(|| own))
        }
    }
}

/// Changes what the calling thread may run on, if it is anything else now.
#[cfg(target_os = "linux")]
fn now(processors: CpuSet) -> io::Result<()> {
    thread_local! {
        static NOW: std::cell::Cell<Option<CpuSet>> = const { std::cell::Cell::new(None) };
    }
    if NOW.get() != Some(processors) {
        sched_setaffinity(None, &processors)?;
        NOW.set(Some(processors));
    }
    Ok(())
}

/// There is no way to.
///
/// # Errors
/// None.
#[cfg(not(target_os = "linux"))]
pub(super) fn to_one() -> io::Result<()> {
    Ok(())
}

/// It may.
///
/// # Errors
/// None.
#[cfg(not(target_os = "linux"))]
pub(super) fn to_all() -> io::Result<()> {
    Ok(())
}

/// There is no way to ask for it.
///
/// # Errors
/// None.
#[cfg(not(target_os = "linux"))]
pub(super) fn wake_promptly() -> io::Result<()> {
    Ok(())
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_pinned_thread_has_one_processor_and_gets_all_of_them_back() {
        let count = || sched_getaffinity(None).map(|set| set.count());
        let pinned = std::thread::spawn(move || {
            let before = count()?;
            to_one()?;
            let one = count()?;
            to_all()?;
            Ok::<_, io::Error>((before, one, count()?))
        });
        let (before, one, after) = pinned.join().expect("no panic").expect("Linux lets a thread choose");
        assert_eq!((one, after), (1, before));
    }
}
