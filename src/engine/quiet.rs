//! Runs a foreign engine where its panics stay silent and somebody can watch.
//!
//! loom and shuttle report by panicking, and each installs a process-wide panic hook once, which prints. Their hooks are
//! provoked first; then one of ours stands before them and is silent on the threads that run an engine, and only there.
//! On all other threads a panic is reported as if there were no engines: shuttle's hook, which speaks of the task that has
//! failed also where there is none, is asked only inside an execution of shuttle that is not ours.

use crate::limits::Watch;
use std::any::Any;
use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe, PanicHookInfo, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Once, mpsc};
use std::thread;
use std::time::Duration;

thread_local! {
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// What an engine tells whoever watches, and the other way round.
#[derive(Debug, Default)]
pub(super) struct Signal {
    done: AtomicU64,
    interrupted: AtomicBool,
}

impl Signal {
    /// Another execution is done.
    pub(super) fn executed(&self) {
        self.done.fetch_add(1, Ordering::Relaxed);
    }

    /// Whether the engine shall stop with what it has.
    pub(super) fn interrupted(&self) -> bool {
        self.interrupted.load(Ordering::Relaxed)
    }
}

/// How an engine left.
pub(super) type Left<R> = Result<R, Box<dyn Any + Send>>;

/// Runs `engine` on a silent thread of its own; a panic that it lets out is its result.
pub(super) fn run<R: Send>(watch: &dyn Watch, engine: impl FnOnce(Arc<Signal>) -> R + Send) -> Left<R> {
    install();
    let signal = Arc::new(Signal::default());
    thread::scope(|scope| {
        let (send, left) = mpsc::channel();
        let for_engine = Arc::clone(&signal);
        scope.spawn(move || {
            QUIET.set(true);
            let result = catch_unwind(AssertUnwindSafe(|| engine(for_engine)));
            // The receiver waits below until it has this.
            drop(send.send(result));
        });
        loop {
            match left.recv_timeout(Duration::from_millis(20)) {
                Ok(result) => return result,
                Err(mpsc::RecvTimeoutError::Timeout) => {
                    watch.progress(signal.done.load(Ordering::Relaxed));
                    if watch.interrupted() {
                        signal.interrupted.store(true, Ordering::Relaxed);
                    }
                }
                Err(mpsc::RecvTimeoutError::Disconnected) => return Err(Box::new("the engine's thread has vanished")),
            }
        }
    })
}

/// Puts our hook before those of the engines, once.
fn install() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        #[cfg(feature = "loom")]
        super::loom::provoke_hook();
        let others: Arc<Hook> = Arc::from(panic::take_hook());
        #[cfg(feature = "shuttle")]
        let others = beside_shuttle(others);
        panic::set_hook(Box::new(move |info| {
            if !QUIET.get() {
                others(info);
            }
        }));
    });
}

type Hook = dyn Fn(&PanicHookInfo<'_>) + Send + Sync;

/// These hooks, with that of shuttle before them where it has something to say.
#[cfg(feature = "shuttle")]
fn beside_shuttle(others: Arc<Hook>) -> Arc<Hook> {
    let below = Arc::clone(&others);
    panic::set_hook(Box::new(move |info| below(info)));
    super::shuttle::provoke_hook();
    let with_shuttle = panic::take_hook();
    Arc::new(move |info| if super::shuttle::is_executing() { with_shuttle(info) } else { others(info) })
}

/// The message of a panic, where it has one.
pub(super) fn message(payload: &(dyn Any + Send)) -> &str {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| payload.downcast_ref::<&'static str>().copied()).unwrap_or("a panic without a message")
}
