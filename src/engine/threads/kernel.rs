//! What the kernel knows about a thread: whether it is asleep, and whether it has run since somebody last looked.
//!
//! Two looks at a set of threads, one wholly after the other, with every thread asleep in both and no count changed, mean
//! that all of them were asleep at the instant between the looks: a thread that was awake then would have had to be
//! switched out once more before the second look found it asleep. If only these threads can wake each other, none of
//! them ever runs again. One gap remains: a thread shows that it is asleep a moment before it is switched out, so one
//! that was woken and falls asleep again can be seen with its old count in that moment. It does not last: looks that are
//! repeated after pauses find the count changed. Whoever judges repeats them.
//!
//! This module knows nothing of scenarios. Linux only: elsewhere nothing can be told.
//!
//! # Source
//! proc_pid_status(5) for the fields. A thread shows `S` from the moment it is queued for a wake-up (kernel/futex:
//! the state is set after the futex's value was compared), so one that shows it but has not left its processor yet
//! cannot go on by itself either.

use std::fs::File;
use std::io;

/// A way to look at one thread, made by that thread.
#[derive(Debug)]
pub(super) struct Probe(File);

/// What one look has shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Look {
    /// It waits in the kernel until somebody wakes it.
    pub(super) asleep: bool,
    /// How often it was taken from a processor so far, whoever wanted it.
    pub(super) switches: u64,
}

impl Probe {
    /// A probe of the calling thread, for other threads.
    ///
    /// # Errors
    /// Where the kernel does not offer it.
    pub(super) fn of_this_thread() -> io::Result<Self> {
        let probe = Self(File::open("/proc/thread-self/status")?);
        probe.look().map(|_| probe)
    }

    /// Looks once. A thread that does not exist any more is an error, like everything else that is not understood.
    pub(super) fn look(&self) -> io::Result<Look> {
        let mut buffer = [0; 4096];
        // The kernel makes the whole text anew for a read from the start.
        let length = read_from_start(&self.0, &mut buffer)?;
        parse(&buffer[..length]).ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "no such fields"))
    }
}

#[cfg(unix)]
fn read_from_start(file: &File, buffer: &mut [u8]) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, 0)
}

#[cfg(not(unix))]
fn read_from_start(_file: &File, _buffer: &mut [u8]) -> io::Result<usize> {
    Err(io::ErrorKind::Unsupported.into())
}

fn parse(status: &[u8]) -> Option<Look> {
    let status = std::str::from_utf8(status).ok()?;
    let field = |name: &str| status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).map(str::trim);
    let count = |name: &str| field(name)?.parse::<u64>().ok();
    Some(Look {
        asleep: field("State")?.starts_with('S'),
        switches: count("voluntary_ctxt_switches")?.checked_add(count("nonvoluntary_ctxt_switches")?)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;
    use std::time::{Duration, Instant};

    #[test]
    fn the_fields_are_found_and_a_text_without_them_is_refused() {
        let status =
            b"Name:\tx State:\nState:\tS (sleeping)\nvoluntary_ctxt_switches:\t7\nnonvoluntary_ctxt_switches:\t5\n";
        assert_eq!(parse(status), Some(Look { asleep: true, switches: 12 }));
        let running = b"State:\tR (running)\nvoluntary_ctxt_switches:\t7\nnonvoluntary_ctxt_switches:\t5\n";
        assert_eq!(parse(running), Some(Look { asleep: false, switches: 12 }));
        assert_eq!(parse(b"State:\tS (sleeping)\nvoluntary_ctxt_switches:\t7\n"), None);
    }

    #[test]
    fn a_thread_that_looks_at_itself_is_awake_and_one_that_waits_stays_asleep() {
        assert!(!Probe::of_this_thread().expect("Linux").look().expect("alive").asleep);
        let (give, take) = mpsc::channel();
        let (end, ended) = mpsc::channel::<()>();
        let sleeper = std::thread::spawn(move || {
            give.send(Probe::of_this_thread()).expect("the test listens");
            ended.recv().expect_err("the test hangs up")
        });
        let probe = take.recv().expect("the thread says it").expect("Linux");
        // It may sleep for a moment on its way to the place where it waits, so one look proves nothing; nobody wakes it
        // there, so in the end two looks are the same.
        let patience = Instant::now();
        loop {
            let first = probe.look().expect("alive");
            std::thread::sleep(Duration::from_millis(5));
            if first.asleep && probe.look().expect("alive") == first {
                break;
            }
            assert!(patience.elapsed() < Duration::from_secs(60), "nobody wakes it, and it does not stay asleep");
        }
        drop(end);
        sleeper.join().expect("it ends normally");
        assert!(probe.look().is_err(), "it is gone");
    }
}
