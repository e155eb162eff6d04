//! Semaphores: each pair of operations, several permits, time-outs, bounds. Those that serve in order are in `order`.

use super::check::{Row, check, check_pairs};

/// What one thread does with `s`, giving back what it took; `r` is what it sees.
const OPERATIONS: &[(&str, &str)] = &[
    ("acquire", "s.acquire(); let r = x.fetch_add(1); s.release();"),
    ("try_acquire", "let r = 0; if s.try_acquire() { r = 1; s.release(); }"),
    ("acquire_timeout", "let r = 0; if s.acquire_timeout(1ms) { r = 1; s.release(); }"),
    ("release", "let r = 0; s.release();"),
];

/// With one permit.
const ALTERNATELY: &[Row<'_>] = &[
    ("acquire", "acquire", "0,1 1,0", ""),
    ("acquire", "try_acquire", "0,0 0,1", ""),
    ("acquire", "acquire_timeout", "0,0 0,1", ""),
    ("try_acquire", "try_acquire", "0,1 1,0 1,1", ""),
    ("try_acquire", "acquire_timeout", "0,1 1,0 1,1", ""),
    ("acquire_timeout", "acquire_timeout", "0,1 1,0 1,1", ""),
];

#[test]
fn every_pair_of_operations() {
    check_pairs("semaphore s(1); atomic x = 0;", OPERATIONS, ALTERNATELY);
    check_pairs(
        "semaphore s(1); atomic x = 0;",
        OPERATIONS,
        &[
            ("release", "acquire", "0,0", ""),
            ("release", "try_acquire", "0,1", ""),
            ("release", "acquire_timeout", "0,1", ""),
            ("release", "release", "0,0", ""),
        ],
    );
    // Without a permit the release comes before what takes one.
    check_pairs(
        "semaphore s(0); atomic x = 0;",
        OPERATIONS,
        &[
            ("acquire", "acquire", "", "deadlock"),
            ("acquire", "try_acquire", "", "deadlock"),
            ("acquire", "acquire_timeout", "", "deadlock"),
            ("try_acquire", "acquire_timeout", "0,0", ""),
            ("release", "acquire", "0,0", ""),
            ("release", "try_acquire", "0,0 0,1", ""),
            ("release", "acquire_timeout", "0,0 0,1", ""),
        ],
    );
}

#[test]
fn every_pair_of_operations_with_a_bound() {
    let bounded = "bounded semaphore s(1); atomic x = 0;";
    check_pairs(bounded, OPERATIONS, ALTERNATELY);
    // One permit too many is given back: by the one who took none, or by the other one after it.
    check_pairs(
        bounded,
        OPERATIONS,
        &[
            ("release", "acquire", "", "misuse"),
            ("release", "try_acquire", "", "misuse"),
            ("release", "acquire_timeout", "", "misuse"),
            ("release", "release", "", "misuse"),
        ],
    );
    // What one takes the other may give back.
    let taken = &[
        ("acquire", "s.acquire(); let r = 1;"),
        ("try_acquire", "let r = 0; if s.try_acquire() { r = 1; }"),
        ("acquire_timeout", "let r = 0; if s.acquire_timeout(1ms) { r = 1; }"),
        ("release", "let r = 0; s.release();"),
    ];
    check_pairs(
        bounded,
        taken,
        &[
            ("release", "acquire", "0,1", "misuse"),
            ("release", "try_acquire", "0,1", "misuse"),
            ("release", "acquire_timeout", "0,1", "misuse"),
        ],
    );
}

#[test]
fn every_pair_with_an_acquire_of_all_permits() {
    let operations = &[&[("both", "s.acquire(2); let r = x.fetch_add(1); s.release(2);")], OPERATIONS].concat();
    for semaphore in ["semaphore", "bounded semaphore"] {
        check_pairs(
            &format!("{semaphore} s(2); atomic x = 0;"),
            operations,
            &[
                ("both", "both", "0,1 1,0", ""),
                ("both", "acquire", "0,1 1,0", ""),
                ("both", "try_acquire", "0,0 0,1", ""),
                ("both", "acquire_timeout", "0,0 0,1", ""),
                // There is enough for two who take one each.
                ("acquire", "acquire", "0,1 1,0", ""),
                ("acquire", "try_acquire", "0,1", ""),
                ("acquire", "acquire_timeout", "0,1", ""),
                ("try_acquire", "acquire_timeout", "1,1", ""),
            ],
        );
    }
}

#[test]
fn what_two_of_them_leave() {
    let leaves = |semaphore: &str, one: &str, other: &str, permits: &str| {
        for (a, b) in [(one, other), (other, one)] {
            let text = format!("{semaphore}; observe s; thread a {{ s.{a}; }} thread b {{ s.{b}; }}");
            check(&text, permits, "");
        }
    };
    for fifo in ["", "fifo "] {
        let (plain, bounded) = (format!("{fifo}semaphore s(1)"), format!("{fifo}bounded semaphore s(2)"));
        leaves(&plain, "release()", "release()", "3");
        leaves(&plain, "release()", "acquire()", "1");
        leaves(&plain, "release(2)", "acquire(3)", "0");
        leaves(&plain, "release()", "try_acquire()", "1");
        leaves(&plain, "release()", "acquire_timeout(1ms)", "1");
        leaves(&plain, "try_acquire()", "acquire_timeout(1ms)", "0");
        leaves(&bounded, "acquire()", "acquire()", "0");
        leaves(&bounded, "acquire()", "try_acquire()", "0");
        leaves(&bounded, "acquire()", "acquire_timeout(1ms)", "0");
        leaves(&bounded, "try_acquire()", "acquire_timeout(1ms)", "0");
        // One permit more is there in time, or too late for who does not wait.
        let none = format!("{fifo}semaphore s(0)");
        leaves(&none, "release()", "try_acquire()", "0 1");
        leaves(&none, "release()", "acquire_timeout(1ms)", "0 1");
        leaves(&none, "release()", "acquire()", "0");
    }
}

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
