//! Semaphores: several permits, time-outs, bounds.

use super::check::check;

#[test]
fn several_permits_are_taken_at_once() {
    check("semaphore s(1); thread a { s.acquire(2); }", "", "deadlock");
    check("semaphore s(2); observe a.r; thread a { s.acquire(2); let r = s.try_acquire(); }", "false", "");
    check(
        "semaphore s(0); observe a.r; thread a { s.acquire(2); let r = 1; } thread b { s.release(); s.release(); }",
        "1",
        "",
    );
    check(
        "semaphore s(0); observe a.r; thread a { s.acquire(2); let r = s.try_acquire(); } thread b { s.release(3); }",
        "true",
        "",
    );
    check(
        "semaphore s(0); thread a { s.acquire(2); } thread b { s.acquire(); } thread c { s.release(2); }",
        "",
        "deadlock",
    );
    check(
        "semaphore s(2); observe s; thread a { s.acquire(2); s.release(2); } thread b { s.acquire(); s.release(); }",
        "2",
        "",
    );
    check(
        "semaphore s(2); observe s; thread a { s.acquire(2); s.release(2); } thread b { s.acquire(2); s.release(2); }",
        "2",
        "",
    );
    check(
        "semaphore s(2); observe b.r; thread a { s.acquire(2); s.release(); } thread b { let r = s.try_acquire(); }",
        "false true",
        "deadlock",
    );
    // Half of it is never taken: two that need two cannot block each other.
    check(
        "semaphore s(2); thread a { s.acquire(); s.acquire(); s.release(2); } thread b { s.acquire(); s.acquire(); s.release(2); }",
        "",
        "deadlock",
    );
    check("semaphore s(0); var x = 0; thread a { x = 1; s.release(2); } thread b { s.acquire(2); x = 2; }", "", "");
}

#[test]
fn a_timed_acquire_gives_whether_it_took_a_permit() {
    check("semaphore s(0); observe a.r; thread a { let r = s.acquire_timeout(1ms); }", "false", "");
    check("semaphore s(1); observe a.r; thread a { let r = s.acquire_timeout(1ms); }", "true", "");
    check(
        "semaphore s(0); observe a.r; thread a { let r = s.acquire_timeout(1ms); } thread b { s.release(); }",
        "false true",
        "",
    );
    check(
        "semaphore s(1); observe a.r; thread a { let r = s.acquire_timeout(1ms); if r { s.release(); } } thread b { s.acquire(); s.release(); }",
        "false true",
        "",
    );
    check(
        "semaphore s(1); observe a.r, b.r; thread a { let r = s.acquire_timeout(1ms); } thread b { let r = s.acquire_timeout(1ms); }",
        "false,true true,false",
        "",
    );
    check(
        "semaphore s(1); observe a.r; thread a { let r = s.acquire_timeout(1ms); } thread b { s.try_acquire(); }",
        "false true",
        "",
    );
    check(
        "semaphore s(0); var x = 0; thread a { x = 1; s.release(); } thread b { if s.acquire_timeout(1ms) { x = 2; } }",
        "",
        "",
    );
    check(
        "semaphore s(0); var x = 0; thread a { x = 1; s.release(); } thread b { if !s.acquire_timeout(1ms) { x = 2; } }",
        "",
        "race",
    );
}

#[test]
fn a_bounded_semaphore_never_has_more_than_at_first() {
    check("bounded semaphore s(1); thread a { s.release(); }", "", "misuse");
    check("bounded semaphore s(0); thread a { s.release(); }", "", "misuse");
    check(
        "bounded semaphore s(1); observe s; thread a { s.acquire(); s.release(); } thread b { s.acquire(); s.release(); }",
        "1",
        "",
    );
    check("bounded semaphore s(2); observe s; thread a { s.acquire(2); s.release(); s.release(); }", "2", "");
    check("bounded semaphore s(2); thread a { s.acquire(); s.release(2); }", "", "misuse");
    check("bounded semaphore s(1); observe s; thread a { s.acquire(); } thread b { s.release(); }", "1", "misuse");
    check("bounded semaphore s(1); observe s; thread a { with s { } } thread b { with s { } }", "1", "");
}
