//! Locks and semaphores where somebody goes first, by order of arrival or by an option: every ordered pair of operations, and what order changes.

use super::check::{check, check_both_ways, check_endless, divergence};

/// A pair of operations beside a counter.
#[track_caller]
fn both(object: &str, pair: (&str, &str), outcomes: &[(&str, &str)], kinds: &str) {
    check_both_ways(&format!("{object} atomic x = 0;"), pair, outcomes, kinds);
}

#[test]
fn pairs_on_a_fifo_mutex() {
    const LOCK: &str = "m.lock(); let r = x.fetch_add(1); m.unlock();";
    const TRY: &str = "let r = m.try_lock(); if r { m.unlock(); }";
    const TIMED: &str = "let r = m.lock_timeout(1ms); if r { m.unlock(); }";
    const LOOK: &str = "let r = m.is_locked();";
    const UNLOCK: &str = "m.unlock(); let r = 0;";
    let pair = |pair, outcomes: &[(&str, &str)], kinds| both("fifo mutex m;", pair, outcomes, kinds);
    pair((LOCK, LOCK), &[("0", "1"), ("1", "0")], "");
    pair((LOCK, TRY), &[("0", "false"), ("0", "true")], "");
    pair((LOCK, TIMED), &[("0", "false"), ("0", "true")], "");
    pair((LOCK, LOOK), &[("0", "false"), ("0", "true")], "");
    let one_at_least = &[("false", "true"), ("true", "false"), ("true", "true")];
    pair((TRY, TRY), one_at_least, "");
    pair((TRY, TIMED), one_at_least, "");
    pair((TIMED, TIMED), one_at_least, "");
    pair((TRY, LOOK), &[("true", "false"), ("true", "true")], "");
    pair((TIMED, LOOK), &[("true", "false"), ("true", "true")], "");
    pair((LOOK, LOOK), &[("false", "false")], "");
    for other in [LOCK, TRY, TIMED, LOOK, UNLOCK] {
        pair((UNLOCK, other), &[], "misuse");
    }
}

#[test]
fn pairs_on_a_fifo_semaphore() {
    const ACQUIRE: &str = "s.acquire(); let r = x.fetch_add(1); s.release();";
    const BOTH: &str = "s.acquire(2); let r = x.fetch_add(1); s.release(2);";
    const TRY: &str = "let r = s.try_acquire(); if r { s.release(); }";
    const TIMED: &str = "let r = s.acquire_timeout(1ms); if r { s.release(); }";
    const RELEASE: &str = "s.release(); let r = 0;";
    for object in ["fifo semaphore s(1);", "fifo bounded semaphore s(1);"] {
        let pair = |pair, outcomes: &[(&str, &str)], kinds| both(object, pair, outcomes, kinds);
        pair((ACQUIRE, ACQUIRE), &[("0", "1"), ("1", "0")], "");
        pair((ACQUIRE, TRY), &[("0", "false"), ("0", "true")], "");
        pair((ACQUIRE, TIMED), &[("0", "false"), ("0", "true")], "");
        let one_at_least = &[("false", "true"), ("true", "false"), ("true", "true")];
        pair((TRY, TRY), one_at_least, "");
        pair((TRY, TIMED), one_at_least, "");
        pair((TIMED, TIMED), one_at_least, "");
    }
    let pair = |pair, outcomes: &[(&str, &str)], kinds| both("fifo semaphore s(1);", pair, outcomes, kinds);
    for (other, gives) in [(ACQUIRE, "0"), (BOTH, "0"), (TRY, "true"), (TIMED, "true"), (RELEASE, "0")] {
        pair((RELEASE, other), &[("0", gives)], "");
    }
    let pair = |pair, outcomes: &[(&str, &str)], kinds| both("fifo semaphore s(2);", pair, outcomes, kinds);
    pair((BOTH, BOTH), &[("0", "1"), ("1", "0")], "");
    pair((BOTH, ACQUIRE), &[("0", "1"), ("1", "0")], "");
    pair((BOTH, TRY), &[("0", "false"), ("0", "true")], "");
    pair((BOTH, TIMED), &[("0", "false"), ("0", "true")], "");
    pair((ACQUIRE, ACQUIRE), &[("0", "1"), ("1", "0")], "");
    check("fifo bounded semaphore s(1); thread a { s.release(); }", "", "misuse");
}

#[test]
fn who_holds_a_fifo_lock_waits_behind_itself() {
    check("fifo mutex m; thread a { m.lock(); m.lock(); }", "", "deadlock");
    check("fifo mutex m; observe a.r; thread a { m.lock(); let r = m.try_lock(); m.unlock(); }", "false", "");
    check("fifo mutex m; observe a.r; thread a { m.lock(); let r = m.lock_timeout(1s); m.unlock(); }", "false", "");
    check("fifo mutex m; thread a { m.lock(); }", "", "misuse");
    check("fifo mutex m; thread a { with m { panic; } } thread b { with m { } }", "", "panic");
    check("fifo rwlock l; thread a { l.read(); l.write(); }", "", "deadlock");
    check("fifo rwlock l; thread a { l.read(); l.read(); l.read_unlock(); l.read_unlock(); }", "", "");
    check("fifo semaphore s(1); thread a { s.acquire(); s.acquire(); }", "", "deadlock");
}

#[test]
fn a_hand_over_orders_what_it_should() {
    for (object, acquire, release) in [
        ("fifo mutex m;", "m.lock();", "m.unlock();"),
        ("fifo rwlock m;", "m.write();", "m.write_unlock();"),
        ("fifo semaphore m(1);", "m.acquire();", "m.release();"),
    ] {
        let text = |outside: &str| {
            format!(
                "{object} var x = 0; thread a {{ {acquire} x = 1; {release} {outside} }}
                 thread b {{ {acquire} x = 2; {release} }}"
            )
        };
        check(&text(""), "", "");
        check(&text("x = 3;"), "", "race");
    }
    // To stand behind somebody orders nothing: only what is given back does.
    check("fifo mutex m; var x = 0; thread a { x = 1; with m { } } thread b { with m { } x = 2; }", "", "race");
    check(
        "fifo semaphore s(2); var x = 0; thread a { x = 1; s.acquire(2); } thread b { s.acquire(); x = 2; s.release(); }",
        "",
        "deadlock race",
    );
}

#[test]
fn the_longest_waiter_is_served() {
    let mutex = "fifo mutex m; thread h { m.lock(); m.unlock(); } thread a { m.lock(); m.unlock(); }
                 thread b { m.lock(); m.unlock(); }";
    assert_eq!(divergence(mutex, "v1 h*2 a b h a*2 b*2"), None);
    assert_eq!(divergence(mutex, "v1 h*2 b a h b*2 a*2"), None);
    assert_eq!(divergence(mutex, "v1 h*2 a b h b"), Some(6));
    assert_eq!(divergence(mutex, "v1 h*2 a b a"), Some(5));
    // Who comes when it is free and promised waits, too.
    assert_eq!(divergence(mutex, "v1 h*2 a h b*2"), Some(6));
    let semaphore =
        "fifo semaphore s(0); thread a { s.acquire(2); } thread b { s.acquire(); } thread c { s.acquire(); }
                     thread r { s.release(); s.release(3); }";
    assert_eq!(divergence(semaphore, "v1 a b r b"), Some(4));
    assert_eq!(divergence(semaphore, "v1 b a r b r a"), None);
    // There is enough for those who came first: in which of their steps they take it is open.
    assert_eq!(divergence(semaphore, "v1 a b c r*2 c a b"), None);
    let rwlock = "fifo rwlock l; thread w { l.write(); l.write_unlock(); } thread v { l.write(); l.write_unlock(); }
                  thread a { l.read(); l.read_unlock(); } thread b { l.read(); l.read_unlock(); }";
    assert_eq!(divergence(rwlock, "v1 w*2 a b w b a*2 b"), None);
    assert_eq!(divergence(rwlock, "v1 w*2 a v b w b"), Some(7));
    assert_eq!(divergence(rwlock, "v1 w*2 a v b w a v"), Some(8));
    assert_eq!(divergence(rwlock, "v1 w*2 a v b w a*2 v*2 b*2"), None);
}

#[test]
fn nobody_is_overtaken_at_a_fifo_semaphore() {
    let text = |fifo: &str| {
        format!(
            "{fifo}semaphore s(1); observe b.r; thread a {{ s.acquire(2); s.release(2); }}
             thread b {{ let r = s.try_acquire(); if r {{ s.release(); }} s.release(); }}"
        )
    };
    check(&text("fifo "), "false true", "");
    check(&text(""), "true", "");
    // Who wants much holds up who wants little.
    let text = |fifo: &str| {
        format!(
            "{fifo}semaphore s(1); thread a {{ s.acquire(2); s.release(2); }}
             thread b {{ s.acquire(); s.release(2); }}"
        )
    };
    check(&text("fifo "), "", "deadlock");
    check(&text(""), "", "");
}

#[test]
fn who_gives_up_leaves_the_line() {
    check(
        "fifo semaphore s(0); observe a.r; thread a { let r = s.acquire_timeout(1ms); } thread b { s.acquire(); }
         thread c { s.release(); }",
        "false",
        "deadlock",
    );
    check(
        "fifo mutex m; observe a.r; thread a { let r = m.lock_timeout(1ms); if r { m.unlock(); } }
         thread b { with m { } } thread c { with m { } }",
        "false true",
        "",
    );
    let text = "fifo mutex m; thread h { m.lock(); m.unlock(); } thread a { m.lock_timeout(1ms); }
                thread b { m.lock(); m.unlock(); }";
    assert_eq!(divergence(text, "v1 h*2 a b a/!timeout h b*2"), None);
    // Whose turn it is does not give up.
    assert_eq!(divergence(text, "v1 h*2 a b h a/!timeout"), Some(6));
    assert_eq!(divergence(text, "v1 h*2 b a h a/!timeout"), None);
}

#[test]
fn readers_meet_in_a_fifo_rwlock_unless_a_writer_stands_between_them() {
    let text = |fifo: &str, writer: &str| {
        format!(
            "{fifo}rwlock l; barrier b(2); thread r[i in 0..2] {{ with l.read() {{ b.wait(); }} }}
             thread w {{ {writer} }}"
        )
    };
    check(&text("fifo ", ""), "", "");
    check(&text("fifo ", "with l.write() { }"), "", "deadlock");
    check(&text("", "with l.write() { }"), "", "");
    check(
        "fifo rwlock l; thread r { l.read(); with l.read() { } l.read_unlock(); } thread w { with l.write() { } }",
        "",
        "deadlock",
    );
}

#[test]
fn readers_meet_unless_a_waiting_writer_goes_first() {
    let text = |option: &str, writer: &str| {
        format!(
            "{option} rwlock l; barrier b(2); thread r[i in 0..2] {{ with l.read() {{ b.wait(); }} }}
             thread w {{ {writer} }}"
        )
    };
    let writes = "with l.write() { }";
    check_endless(&text("option writer_preference;", ""), "", "");
    check_endless(&text("option writer_preference;", writes), "", "deadlock");
    check_endless(&text("option reader_preference;", writes), "", "");
    let again = |option: &str| {
        format!(
            "{option} rwlock l; thread r {{ with l.read() {{ with l.read() {{ }} }} }} thread w {{ with l.write() {{ }} }}"
        )
    };
    check(&again("option writer_preference;"), "", "deadlock");
    check(&again("option reader_preference;"), "", "");
    check(&again(""), "", "");
}

#[test]
fn who_is_preferred_is_served_first() {
    let text = |option: &str| {
        format!(
            "{option} rwlock l; thread h {{ l.write(); l.write_unlock(); }} thread r {{ l.read(); l.read_unlock(); }}
             thread w {{ l.write(); l.write_unlock(); }} thread v {{ l.write(); l.write_unlock(); }}"
        )
    };
    let writers = text("option writer_preference;");
    assert_eq!(divergence(&writers, "v1 h*2 r w h r"), Some(6));
    assert_eq!(divergence(&writers, "v1 h*2 r w h w*2 r*2"), None);
    // Among writers there is no order.
    assert_eq!(divergence(&writers, "v1 h*2 w v h v*2 w*2"), None);
    assert_eq!(divergence(&writers, "v1 h*2 w v h w*2 v*2"), None);
    let readers = text("option reader_preference;");
    assert_eq!(divergence(&readers, "v1 h*2 w r h w"), Some(6));
    assert_eq!(divergence(&readers, "v1 h*2 w r h r*2 w*2"), None);
    // Whoever has not come yet holds nobody up.
    assert_eq!(divergence(&readers, "v1 h*2 w h w*2 r*3"), None);
}

#[test]
fn a_try_overtakes_nobody_who_is_preferred() {
    // The writer waits for the reader, which tries again meanwhile.
    let text = |option: &str| {
        format!(
            "{option} rwlock l; observe r.a; thread w {{ with l.write() {{ }} }}
             thread r {{ l.read(); let a = l.try_read(); if a {{ l.read_unlock(); }} l.read_unlock(); }}"
        )
    };
    check(&text("option writer_preference;"), "false true", "");
    check(&text("option reader_preference;"), "true", "");
    check(&text(""), "true", "");
    check(
        "fifo rwlock l; observe r.a; thread w { with l.write() { } }
           thread r { l.read(); let a = l.try_read(); if a { l.read_unlock(); } l.read_unlock(); }",
        "false true",
        "",
    );
}

#[test]
fn an_option_leaves_fifo_locks_alone() {
    check(
        "option reader_preference; fifo rwlock l; thread r { with l.read() { with l.read() { } } } thread w { with l.write() { } }",
        "",
        "deadlock",
    );
}
