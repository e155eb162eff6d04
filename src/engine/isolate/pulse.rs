//! Whether a child still does anything: the time of the processor that it has used.
//!
//! A child that works uses some, and so does one that watches threads that wait. One that uses none for long was stopped
//! from outside, or its threads wait for each other by a fault of an engine: it would be waited for without end. What is
//! counted is looks, so that a parent which was stopped itself does not blame its child. Elsewhere than on Linux nobody
//! looks.

/// So many looks without any use of the processor, and a child is given up: at the pace of the parent, a minute.
pub(super) const PATIENCE: u32 = 1_200;

/// One child, looked at from time to time.
#[derive(Debug)]
pub(super) struct Pulse {
    process: u32,
    used: Option<u64>,
    /// Looks in a row that have seen the same.
    still: u32,
    patience: u32,
}

impl Pulse {
    pub(super) fn of(process: u32, patience: u32) -> Self {
        Self { process, used: None, still: 0, patience }
    }

    /// Looks once more; whether it has used nothing for so many looks that it is given up.
    pub(super) fn has_stopped(&mut self) -> bool {
        let used = used(self.process);
        self.still = if used.is_some() && used == self.used { self.still + 1 } else { 0 };
        self.used = used;
        self.still >= self.patience
    }
}

/// Time of the processor that all threads of a process have used, in ticks of the kernel; `None` where nobody can tell.
///
/// # Source
/// proc(5): `utime` and `stime` are the 14th and 15th field of `stat`; the 2nd, the name, ends with the last bracket.
#[cfg(target_os = "linux")]
fn used(process: u32) -> Option<u64> {
    let stat = std::fs::read(format!("/proc/{process}/stat")).ok()?;
    let stat = String::from_utf8_lossy(&stat);
    let (_, behind_the_name) = stat.rsplit_once(')')?;
    let mut times = behind_the_name.split_whitespace().skip(11);
    let (user, system): (u64, u64) = (times.next()?.parse().ok()?, times.next()?.parse().ok()?);
    Some(user + system)
}

#[cfg(not(target_os = "linux"))]
fn used(_process: u32) -> Option<u64> {
    None
}
