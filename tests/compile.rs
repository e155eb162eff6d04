//! What texts compile to: instruction listings, expectations and facts about the compiled program.
#![expect(clippy::unwrap_used, reason = "a test that meets an unexpected error fails")]

use interleaver::language::{self, Override};
use interleaver::program::{Expected, FindingKind, Program, Source, Value};
use interleaver::scenario;

fn compile_with(text: &str, overrides: &[Override]) -> Program {
    let source = Source { name: "test.ilv".to_owned(), text: text.to_owned() };
    match language::compile(&source, overrides) {
        Ok(compiled) => compiled.program,
        Err(errors) => panic!("{}", language::render(&errors, &source, language::Colour::Plain)),
    }
}

fn compile(text: &str) -> Program {
    compile_with(text, &[])
}

/// The listing of all code of a text.
fn listing(text: &str) -> String {
    compile(text).to_string()
}

/// The complete example of the language reference.
const BOUNDED_BUFFER: &str = include_str!("data/bounded_buffer.ilv");

#[test]
fn the_bounded_buffer() {
    insta::assert_snapshot!(listing(BOUNDED_BUFFER), @r###"
    producer:
       0  * m.lock (with)                               dead i $1
       1  * $1 = read filled  !11                       dead i $1
       2  if $1 == 1 then 3 else 5  !11
       3  * changed.wait(m)  !11                        dead i $1
       4  jump 1  !11
       5  * $1 = read filled  !11                       dead i $1
       6  $1 = $1 + 1  !11
       7  * write filled = $1  !11                      dead i
       8  * changed.notify_one  !11                     dead i $1
       9  * m.unlock (with)                             dead i $1
      10  jump 0
      11  * m.unlock (with)                             dead i $1
      12  unwound                                       dead i $1

    consumer:
       0  * m.lock (with)                               dead i $1
       1  * $1 = read filled  !11                       dead i $1
       2  if $1 == 0 then 3 else 5  !11
       3  * changed.wait(m)  !11                        dead i $1
       4  jump 1  !11
       5  * $1 = read filled  !11                       dead i $1
       6  $1 = $1 - 1  !11
       7  * write filled = $1  !11                      dead i
       8  * changed.notify_one  !11                     dead i $1
       9  * m.unlock (with)                             dead i $1
      10  jump 0
      11  * m.unlock (with)                             dead i $1
      12  unwound                                       dead i $1
    "###);
}

#[test]
fn every_combination_of_the_example_expects_what_its_lines_say() {
    for producers in 1..=3 {
        for consumers in 1..=3 {
            for capacity in 1..=3 {
                let values = [("PRODUCERS", producers), ("CONSUMERS", consumers), ("CAPACITY", capacity)];
                let overrides =
                    values.map(|(name, value)| Override { name: name.to_owned(), value: Value::Int(value) });
                let program = compile_with(BOUNDED_BUFFER, &overrides);
                let expected: Vec<&Expected> = program.expectations.iter().map(|line| &line.expected).collect();
                let deadlock = Expected::Finding { kind: FindingKind::Deadlock, subject: None };
                let expectation = if producers + consumers > 2 * capacity { &deadlock } else { &Expected::Ok };
                assert_eq!(expected, [expectation], "{values:?}");
                assert_eq!(program.threads.len(), usize::try_from(producers + consumers).unwrap());
                assert_eq!(program.title, "Bounded buffer with one condition variable.");
            }
        }
    }
}

#[test]
fn the_gallery_compiles() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    for file in scenario::below(&folder).unwrap() {
        let loaded = file.load(&[]);
        assert!(loaded.is_ok(), "{}", loaded.unwrap_err().render(language::Colour::Plain));
    }
}

#[test]
fn compound_assignment_evaluates_then_indexes_then_reads_then_writes() {
    insta::assert_snapshot!(listing(
        "var a[3] = 0;
         var e = 0;
         var i = 0;
         thread t { a[i] += e; a[i] = e + i; }"
    ), @r###"
    t:
       0  * $0 = read e                                 dead $0 $1 $2 $3
       1  * $1 = read i                                 dead $1 $2 $3
       2  * $2 = read a[$1]                             dead $2 $3
       3  $2 = $2 + $0
       4  * write a[$1] = $2                            dead $0 $3
       5  * $0 = read e                                 dead $0 $1 $2 $3
       6  * $1 = read i                                 dead $1 $2 $3
       7  $2 = $0 + $1
       8  * $3 = read i                                 dead $0 $1 $3
       9  * write a[$3] = $2                            dead $0 $1
      10  halt                                          dead $0 $1 $2 $3
    "###);
}

#[test]
fn what_can_panic_is_evaluated_before_the_next_step() {
    insta::assert_snapshot!(listing(
        "atomic a = 0;
         var x = 0;
         thread t { let n = 3; x = (n / 2) + a.load(); a.store(n * n, release); x = a.load() & n; }"
    ), @r###"
    t:
       0  n = 3
       1  $1 = n / 2
       2  * $2 = a.load()                               dead $2 $3
       3  $3 = $1 + $2
       4  * write x = $3                                dead $1 $2
       5  $1 = n * n
       6  * a.store($1, release)                        dead $2 $3
       7  * $1 = a.load()                               dead $1 $2 $3
       8  * write x = $1 & n                            dead $2 $3
       9  halt                                          dead n $1 $2 $3
    "###);
}

#[test]
fn short_circuits_skip_shared_reads() {
    insta::assert_snapshot!(listing(
        "var a = false;
         var b = false;
         var c = false;
         thread t { if a && (b || !c) { a = true; } let d = a || b; c = d && !(a && b); }"
    ), @r###"
    t:
       0  * $1 = read a                                 dead d $1 $2 $3
       1  if $1 then 2 else 7
       2  * $2 = read b                                 dead d $1 $2 $3
       3  if $2 then 6 else 4
       4  * $3 = read c                                 dead d $1 $2 $3
       5  if $3 then 7 else 6
       6  * write a = 1                                 dead d $1 $2 $3
       7  * $1 = read a                                 dead d $1 $2 $3
       8  if $1 then 11 else 9
       9  * $2 = read b                                 dead d $1 $2 $3
      10  if $2 then 11 else 13
      11  d = 1
      12  jump 14
      13  d = 0
      14  if d then 15 else 21
      15  * $2 = read a                                 dead d $1 $2 $3
      16  if $2 then 17 else 19
      17  * $3 = read b                                 dead d $1 $2 $3
      18  if $3 then 21 else 19
      19  $1 = 1
      20  jump 22
      21  $1 = 0
      22  * write c = $1                                dead d $2 $3
      23  halt                                          dead d $1 $2 $3
    "###);
}

#[test]
fn local_conditions_stay_one_expression() {
    insta::assert_snapshot!(listing(
        "thread t { let x = choose(0..3); let y = choose(1..=2); if x > 0 && (y < 2 || x == y) && !(x == 2) { yield; } }"
    ), @r###"
    t:
       0  * x = choose(0..3)                            dead x y
       1  * y = choose(1..3)                            dead y
       2  if ((x > 0) && ((y < 2) || (x == y))) && !(x == 2) then 3 else 4
       3  * yield                                       dead x y
       4  halt                                          dead x y
    "###);
}

#[test]
fn conditional_expressions() {
    insta::assert_snapshot!(listing(
        "var a = 0;
         thread t { let n = choose(0..2); let x = if n == 0 { a } else { 7 }; let y = if n == 0 { 1 } else { 2 }; a = if a == 0 { x } else { y }; }"
    ), @r###"
    t:
       0  * n = choose(0..2)                            dead n x y $3 $4
       1  if n == 0 then 2 else 4
       2  * x = read a                                  dead x y $3 $4
       3  jump 5
       4  x = 7
       5  y = if n == 0 { 1 } else { 2 }
       6  * $4 = read a                                 dead n $3 $4
       7  if $4 == 0 then 8 else 10
       8  $3 = x
       9  jump 11
      10  $3 = y
      11  * write a = $3                                dead n x y $4
      12  halt                                          dead n x y $3 $4
    "###);
}

#[test]
fn results_unwrap_match_and_are_discarded() {
    insta::assert_snapshot!(listing(
        "channel c(1);
         atomic a = 0;
         thread t {
             let v = c.recv();
             c.recv();
             let w = c.try_recv();
             match c.try_recv() { some(x) => { a.store(x + v + w); } none => { } closed => { return; } }
             if let failed(seen) = a.compare_exchange(0, 1, acq_rel, acquire) { c.send(seen); }
             let old = a.compare_exchange_weak(1, 2);
             while let some(x) = c.recv() { if x == old { break; } }
             assert c.recv() is closed;
         }"
    ), @r###"
    t:
       0  * $6, v = c.recv                              dead v w x$2 seen old x$5 $6 $7
       1  if $6 == 0 then 3 else 2
       2  panic "`c.recv()` gave `closed`"
       3  * $6, $7 = c.recv                             dead w x$2 seen old x$5 $6 $7
       4  * $6, w = c.try_recv                          dead w x$2 seen old x$5 $6 $7
       5  if $6 == 0 then 9 else 6
       6  if $6 == 1 then 7 else 8
       7  panic "`c.try_recv()` gave `none`"
       8  panic "`c.try_recv()` gave `closed`"
       9  * $6, x$2 = c.try_recv                        dead x$2 seen old x$5 $6 $7
      10  if $6 == 0 then 11 else 14
      11  $7 = (x$2 + v) + w
      12  * a.store($7)                                 dead v w x$2 seen old x$5 $6
      13  jump 15
      14  if $6 == 1 then 15 else 28
      15  * $6, seen = a.compare_exchange(0, 1, acq_rel, acquire)  dead v w x$2 seen old x$5 $6 $7
      16  if $6 == 5 then 17 else 18
      17  * c.send(seen)                                dead v w x$2 old x$5 $6 $7
      18  * $7, $6 = a.compare_exchange_weak(1, 2)      dead v w x$2 seen old x$5 $6 $7
      19  if $7 == 0 then 20 else 22
      20  old = $6
      21  jump 23
      22  panic "`a.compare_exchange_weak(1, 2)` gave `failed`"
      23  * $6, x$5 = c.recv                            dead v w x$2 seen x$5 $6 $7
      24  if $6 == 0 then 25 else 26
      25  if x$5 == old then 26 else 23
      26  * $6, $7 = c.recv                             dead v w x$2 seen old x$5 $6 $7
      27  assert $6 == 2
      28  halt                                          dead v w x$2 seen old x$5 $6 $7
    "###);
}

#[test]
fn both_cases_with_values_share_one_operation() {
    insta::assert_snapshot!(listing(
        "atomic a = 0;
         var x = 0;
         thread t { match a.compare_exchange(0, 1) { some(old) => { x = old; } failed(seen) => { x = seen; } } }"
    ), @r###"
    t:
       0  * $3, $2 = a.compare_exchange(0, 1)           dead old seen $2 $3
       1  if $3 == 0 then 2 else 5
       2  old = $2
       3  * write x = old                               dead seen $2 $3
       4  jump 7
       5  seen = $2
       6  * write x = seen                              dead old $2 $3
       7  halt                                          dead old seen $2 $3
    "###);
}

#[test]
fn a_channel_is_received_until_it_is_closed() {
    insta::assert_snapshot!(listing(
        "channel c closed by p;
         var sum = 0;
         thread p { for k in 0..3 { c.send(k); } }
         thread q { for v in c { sum += v; } }"
    ), @r###"
    p:
       0  k = 0
       1  if k < 3 then 2 else 5
       2  * c.send(k)
       3  k = k + 1
       4  jump 1
       5  * end                                         dead k

    q:
       0  * $1, v = c.recv                              dead v $1 $2
       1  if $1 == 0 then 2 else 6
       2  * $2 = read sum                               dead $1 $2
       3  $2 = $2 + v
       4  * write sum = $2                              dead v $1
       5  jump 0
       6  halt                                          dead v $1 $2
    "###);
}

#[test]
fn ranges_are_evaluated_once() {
    insta::assert_snapshot!(listing(
        "var n = 2;
         thread t { for k in 0..n { n = k; } for k in 1..=n { k += 1; n = k; } for k in 0..3 { if k == 1 { continue; } yield; } }"
    ), @r###"
    t:
       0  * $3 = read n                                 dead k$0 k$1 k$2 $3 $4
       1  k$0 = 0
       2  if k$0 < $3 then 3 else 6
       3  * write n = k$0                               dead k$1 k$2 $4
       4  k$0 = k$0 + 1
       5  jump 2
       6  * $3 = read n                                 dead k$0 k$1 k$2 $3 $4
       7  $4 = 1
       8  if $4 <= $3 then 9 else 15
       9  k$1 = $4
      10  k$1 = k$1 + 1
      11  * write n = k$1                               dead k$0 k$2
      12  if $4 == $3 then 15 else 13
      13  $4 = $4 + 1
      14  jump 8
      15  k$2 = 0
      16  if k$2 < 3 then 17 else 21
      17  if k$2 == 1 then 19 else 18
      18  * yield                                       dead k$0 k$1 $3 $4
      19  k$2 = k$2 + 1
      20  jump 16
      21  halt                                          dead k$0 k$1 k$2 $3 $4
    "###);
}

#[test]
fn every_way_out_of_with_releases() {
    insta::assert_snapshot!(listing(
        "mutex m;
         semaphore s(1);
         var x = 0;
         fn f() { with m { if x == 1 { return 1; } with s { if x == 2 { return 2; } } } return 0; }
         thread t {
             loop {
                 with s {
                     let r = f();
                     if r == 1 { break; }
                     if r == 2 { continue; }
                     panic \"no\";
                 }
             }
         }"
    ), @r###"
    t:
       0  * s.acquire (with)                            dead r $1
       1  * m.lock (with)  !25                          dead r $1
       2  * $1 = read x  !27                            dead r $1
       3  if $1 == 1 then 4 else 7  !27
       4  r = 1  !27
       5  * m.unlock (with)  !25                        dead $1
       6  jump 17  !25
       7  * s.acquire (with)  !27                       dead r $1
       8  * $1 = read x  !29                            dead r $1
       9  if $1 == 2 then 10 else 14  !29
      10  r = 2  !29
      11  * s.release (with)  !27                       dead $1
      12  * m.unlock (with)  !25                        dead $1
      13  jump 17  !25
      14  * s.release (with)  !27                       dead r $1
      15  * m.unlock (with)  !25                        dead r $1
      16  r = 0  !25
      17  if r == 1 then 18 else 20  !25
      18  * s.release (with)                            dead r $1
      19  jump 24
      20  if r == 2 then 21 else 23  !25
      21  * s.release (with)                            dead r $1
      22  jump 0
      23  panic "no"  !25
      24  halt                                          dead r $1
      25  * s.release (with)                            dead r $1
      26  jump 31
      27  * m.unlock (with)  !25                        dead r $1
      28  jump 25  !25
      29  * s.release (with)  !27                       dead r $1
      30  jump 27  !27
      31  unwound                                       dead r $1
    "###);
}

#[test]
fn the_index_of_with_is_fixed() {
    insta::assert_snapshot!(listing(
        "mutex m[2];
         thread t[i in 0..2] { let k = i; with m[k] { k = 1 - k; } with m[i] { with m[(i + 1) % 2] { } } with m[0] { } }"
    ), @r###"
    t:
       0  k = i
       1  $2 = k
       2  * m[$2].lock (with)
       3  k = 1 - k  !13
       4  * m[$2].unlock (with)                         dead k
       5  * m[i].lock (with)                            dead k $2
       6  $2 = (i + 1) % 2  !15
       7  * m[$2].lock (with)  !15                      dead k
       8  * m[$2].unlock (with)  !15                    dead k
       9  * m[i].unlock (with)                          dead k $2
      10  * m[0].lock (with)                            dead i k $2
      11  * m[0].unlock (with)                          dead i k $2
      12  halt                                          dead i k $2
      13  * m[$2].unlock (with)                         dead i k
      14  jump 16
      15  * m[i].unlock (with)                          dead k $2
      16  unwound                                       dead i k $2
    "###);
}

#[test]
fn indivisible_blocks() {
    insta::assert_snapshot!(listing(
        "atomic a = 0;
         var x = 0;
         thread t {
             when a.load() == 0 && x == 1 { a.fetch_add(1); x = 2; }
             atomically { for k in 0..2 { x += k; } assert x > 0; }
         }"
    ), @r###"
    t:
       0  * atomically to 11                            dead k $1 $2 $3
       1  * $2 = a.load()
       2  if $2 == 0 then 3 else 7
       3  * $3 = read x
       4  if $3 == 1 then 5 else 7
       5  $1 = 1
       6  jump 8
       7  $1 = 0
       8  guard $1
       9  * a.fetch_add(1)
      10  * write x = 2
      11  end atomically
      12  * atomically to 22                            dead k $1 $2 $3
      13  k = 0
      14  if k < 2 then 15 else 20
      15  * $2 = read x
      16  $2 = $2 + k
      17  * write x = $2
      18  k = k + 1
      19  jump 14
      20  * $2 = read x
      21  assert $2 > 0
      22  end atomically
      23  halt                                          dead k $1 $2 $3
    "###);
}

#[test]
fn ways_out_of_indivisible_blocks() {
    insta::assert_snapshot!(listing(
        "var x = 0;
         mutex m;
         thread t { loop { with m { atomically { if x == 0 { break; } if x == 1 { continue; } if x == 2 { return; } x = 3; } } } }"
    ), @r###"
    t:
       0  * m.lock (with)                               dead $1
       1  * atomically to 16  !29                       dead $1
       2  $0 = 0  !29
       3  * $1 = read x  !29
       4  if $1 == 0 then 5 else 7  !29
       5  $0 = 1  !29
       6  jump 16  !29
       7  * $1 = read x  !29
       8  if $1 == 1 then 9 else 11  !29
       9  $0 = 2  !29
      10  jump 16  !29
      11  * $1 = read x  !29
      12  if $1 == 2 then 13 else 15  !29
      13  $0 = 3  !29
      14  jump 16  !29
      15  * write x = 3  !29
      16  end atomically  !29
      17  if $0 == 1 then 18 else 20  !29
      18  * m.unlock (with)                             dead $0 $1
      19  jump 28
      20  if $0 == 2 then 21 else 23  !29
      21  * m.unlock (with)                             dead $1
      22  jump 0
      23  if $0 == 3 then 24 else 26  !29
      24  * m.unlock (with)                             dead $0 $1
      25  jump 28
      26  * m.unlock (with)                             dead $1
      27  jump 0
      28  halt                                          dead $0 $1
      29  * m.unlock (with)                             dead $0 $1
      30  unwound                                       dead $0 $1
    "###);
}

#[test]
fn choices_and_pauses() {
    insta::assert_snapshot!(listing(
        "thread t { either { yield; } or { sleep(10ms); } or { work(1us); io(2s); } let v = choose(0..2); fence(acquire); let w = choose(v..v + 2); assert w > v; }"
    ), @r###"
    t:
       0  * either 1 or 3 or 5                          dead v w $2
       1  * yield                                       dead v w $2
       2  jump 7
       3  * sleep 10000us                               dead v w $2
       4  jump 7
       5  * work 1us                                    dead v w $2
       6  * io 2000000us                                dead v w $2
       7  * v = choose(0..2)                            dead v w $2
       8  * fence(acquire)                              dead w $2
       9  $2 = v + 2
      10  * w = choose(v..$2)                           dead w
      11  assert w > v
      12  halt                                          dead v w $2
    "###);
}

#[test]
fn functions_are_inlined_and_their_slots_used_again() {
    insta::assert_snapshot!(listing(
        "var total = 0;
         mutex m;
         fn double(x) { return 2 * x; }
         fn add(x) { with m { total += double(x); } }
         fn count(n) { n += 1; total = n; }
         thread t { add(1); add(2); let y = double(total); count(y); count(3); }"
    ), @r###"
    t:
       0  * m.lock (with)                               dead y $1 $2 n
       1  $1 = 2  !21
       2  * $2 = read total  !21                        dead y $2 n
       3  $2 = $2 + $1  !21
       4  * write total = $2  !21                       dead y $1 n
       5  * m.unlock (with)                             dead y $1 $2 n
       6  * m.lock (with)                               dead y $1 $2 n
       7  $1 = 4  !23
       8  * $2 = read total  !23                        dead y $2 n
       9  $2 = $2 + $1  !23
      10  * write total = $2  !23                       dead y $1 n
      11  * m.unlock (with)                             dead y $1 $2 n
      12  * $1 = read total                             dead y $1 $2 n
      13  y = 2 * $1
      14  n = y
      15  n = n + 1
      16  * write total = n                             dead y $1 $2
      17  n = 3
      18  n = n + 1
      19  * write total = n                             dead y $1 $2
      20  halt                                          dead y $1 $2 n
      21  * m.unlock (with)                             dead y $1 $2 n
      22  jump 24
      23  * m.unlock (with)                             dead y $1 $2 n
      24  unwound                                       dead y $1 $2 n
    "###);
}

#[test]
fn a_value_that_is_an_argument_is_not_overwritten_early() {
    insta::assert_snapshot!(listing(
        "mutex m[2];
         fn other(i) { with m[i] { return 1 - i; } }
         thread t { let x = 0; x = other(x); x = other(x + 1); }"
    ), @r###"
    t:
       0  x = 0
       1  * m[x].lock (with)                            dead $1
       2  $1 = 1 - x  !10
       3  * m[x].unlock (with)
       4  x = $1
       5  $1 = x + 1
       6  * m[$1].lock (with)                           dead x
       7  x = 1 - $1  !12
       8  * m[$1].unlock (with)                         dead x
       9  halt                                          dead x $1
      10  * m[x].unlock (with)                          dead $1
      11  jump 13
      12  * m[$1].unlock (with)                         dead x
      13  unwound                                       dead x $1
    "###);
}

#[test]
fn joins_of_groups_and_members() {
    insta::assert_snapshot!(listing(
        "thread w[i in 1..=3] { yield; }
         thread solo { yield; }
         thread alone { yield; }
         thread t { w.join(); w[2].join(); let k = 1 + choose(0..3); w[k].join(); if solo.join() is failed { return; } assert !w[3].is_alive(); }"
    ), @r###"
    w:
       0  * yield                                       dead i
       1  * end                                         dead i

    solo:
       0  * yield
       1  * end

    alone:
       0  * yield
       1  halt

    t:
       0  * $1 = w[1].join                              dead k $1 $2
       1  * $1 = w[2].join                              dead k $1 $2
       2  * $1 = w[3].join                              dead k $1 $2
       3  * $1 = w[2].join                              dead k $1 $2
       4  * $1 = choose(0..3)                           dead k $1 $2
       5  k = 1 + $1
       6  * $1 = w[k].join                              dead $1 $2
       7  * $1 = solo.join                              dead k $1 $2
       8  if $1 == 5 then 11 else 9
       9  * $2 = w[3].is_alive                          dead k $1 $2
      10  assert !$2
      11  halt                                          dead k $1 $2
    "###);
}

#[test]
fn local_arrays() {
    insta::assert_snapshot!(listing(
        "var x = 0;
         thread t { let h[3]; for k in 0..3 { h[k] = x; } h[x] += h[2]; let y = h[0] + h[x]; x = y; }"
    ), @r###"
    t:
       0  h$0 = 0
       1  h$1 = 0
       2  h$2 = 0
       3  k = 0
       4  if k < 3 then 5 else 9
       5  * $5 = read x                                 dead y $5
       6  h$0..3[k] = $5
       7  k = k + 1
       8  jump 4
       9  * $5 = read x                                 dead k y $5
      10  h$0..3[$5] = h$0..3[$5] + h$2
      11  * $5 = read x                                 dead k y $5
      12  y = h$0 + h$0..3[$5]
      13  * write x = y                                 dead h$0 h$1 h$2 k $5
      14  halt                                          dead h$0 h$1 h$2 k y $5
    "###);
}

#[test]
fn matches_on_values() {
    insta::assert_snapshot!(listing(
        "var x = 0;
         const ONE = 1;
         thread t { match x { 0 => { x = 5; } ONE => { } -1 => { x = 6; } _ => { x = 7; } } let b = x == 3; match b { true => { x = 1; } false => { x = 2; } } if let 4 = x { yield; } }"
    ), @r###"
    t:
       0  * $1 = read x                                 dead b $1
       1  if $1 == 0 then 2 else 4
       2  * write x = 5                                 dead b $1
       3  jump 9
       4  if $1 == 1 then 9 else 5
       5  if $1 == -1 then 6 else 8
       6  * write x = 6                                 dead b $1
       7  jump 9
       8  * write x = 7                                 dead b $1
       9  * $1 = read x                                 dead b $1
      10  b = $1 == 3
      11  if b then 12 else 14
      12  * write x = 1                                 dead b $1
      13  jump 16
      14  if b then 16 else 15
      15  * write x = 2                                 dead b $1
      16  * $1 = read x                                 dead b $1
      17  if $1 == 4 then 18 else 19
      18  * yield                                       dead b $1
      19  halt                                          dead b $1
    "###);
}

#[test]
fn constants_are_folded() {
    insta::assert_snapshot!(listing(
        "param N = 2;
         const BIG = N > 1;
         var x = 0;
         thread t { if BIG { x = N * 3; } else { x = 9; } while false { x = 1; } if !BIG || x == 1 { yield; } }"
    ), @r###"
    t:
       0  * write x = 6                                 dead $0
       1  * $0 = read x                                 dead $0
       2  if $0 == 1 then 3 else 4
       3  * yield                                       dead $0
       4  halt                                          dead $0
    "###);
}

#[test]
fn endless_loops_and_what_follows_them() {
    insta::assert_snapshot!(listing(
        "var x = 0;
         thread t { loop { } x = 1; }
         thread u { loop { x += 1; } }"
    ), @r###"
    t:
       0  jump 0

    u:
       0  * $0 = read x                                 dead $0
       1  $0 = $0 + 1
       2  * write x = $0
       3  jump 0
    "###);
}

#[test]
fn observed_locals_have_companions() {
    insta::assert_snapshot!(listing(
        "observe r.a, r.b;
         finally r.c == 1;
         atomic x = 0;
         thread r { let a = x.load(); if a == 1 { return; } let b = 3; b = a; let c = 1; let d = c; x.store(d); }"
    ), @r###"
    r:
       0  * a = x.load()                                dead d
       1  $4 = 1
       2  if a == 1 then 11 else 3
       3  b = 3
       4  $5 = 1
       5  b = a
       6  $5 = 1
       7  c = 1
       8  $6 = 1
       9  d = c
      10  * x.store(d)
      11  halt                                          dead d
    "###);
}

#[test]
fn members_of_an_observed_group() {
    insta::assert_snapshot!(listing(
        "observe r.a, x, s;
         var x[2] = 0;
         semaphore s(3);
         thread r[i in 1..3] { let a = i; }"
    ), @r###"
    r:
       0  a = i
       1  $2 = 1
       2  halt                                          dead i
    "###);
}

#[test]
fn dead_locals_are_exact() {
    insta::assert_snapshot!(listing(
        "channel c(1);
         var x = 0;
         thread t { let a = x; let b = x; c.send(a); c.send(b); let r = c.recv(); loop { let q = c.recv(); x = q; } }"
    ), @r###"
    t:
       0  * a = read x                                  dead a b r q $4
       1  * b = read x                                  dead b r q $4
       2  * c.send(a)                                   dead r q $4
       3  * c.send(b)                                   dead a r q $4
       4  * $4, r = c.recv                              dead a b r q $4
       5  if $4 == 0 then 7 else 6
       6  panic "`c.recv()` gave `closed`"
       7  * $4, q = c.recv                              dead a b r q $4
       8  if $4 == 0 then 10 else 9
       9  panic "`c.recv()` gave `closed`"
      10  * write x = q                                 dead a b r $4
      11  jump 7
    "###);
}

#[test]
fn semaphores_condvars_and_locks() {
    insta::assert_snapshot!(listing(
        "mutex m;
         condvar c[2];
         semaphore s(2);
         thread t { m.lock(); let i = choose(0..2); c[i].wait(m); c[1 - i].notify_one(); c[0].notify_all(); m.unlock(); let b = m.try_lock() && m.is_locked(); s.acquire(); if s.try_acquire() || b { s.release(); } m.try_lock(); }"
    ), @r###"
    t:
       0  * m.lock                                      dead i b $2 $3 $4
       1  * i = choose(0..2)                            dead i b $2 $3 $4
       2  * c[i].wait(m)                                dead b $2 $3 $4
       3  $2 = 1 - i
       4  * c[$2].notify_one                            dead i b $3 $4
       5  * c[0].notify_all                             dead i b $2 $3 $4
       6  * m.unlock                                    dead i b $2 $3 $4
       7  * $3 = m.try_lock                             dead i b $2 $3 $4
       8  if $3 then 9 else 13
       9  * $4 = m.is_locked                            dead i b $2 $3 $4
      10  if $4 then 11 else 13
      11  b = 1
      12  jump 14
      13  b = 0
      14  * s.acquire                                   dead i $2 $3 $4
      15  * $3 = s.try_acquire                          dead i $2 $3 $4
      16  if $3 then 18 else 17
      17  if b then 18 else 19
      18  * s.release                                   dead i b $2 $3 $4
      19  * $3 = m.try_lock                             dead i b $2 $3 $4
      20  halt                                          dead i b $2 $3 $4
    "###);
}

#[test]
fn channels() {
    insta::assert_snapshot!(listing(
        "channel c(0);
         channel d[2];
         thread t { let ok = d[0].try_send(true) && c.len() == 0; d[1].send(ok); c.send(c.len()); c.close(); }"
    ), @r###"
    t:
       0  * $1 = d[0].try_send(1)                       dead ok $1 $2
       1  if $1 then 2 else 6
       2  * $2 = c.len                                  dead ok $1 $2
       3  if $2 == 0 then 4 else 6
       4  ok = 1
       5  jump 7
       6  ok = 0
       7  * d[1].send(ok)                               dead $1 $2
       8  * $2 = c.len                                  dead ok $1 $2
       9  * c.send($2)                                  dead ok $1
      10  * c.close                                     dead ok $1 $2
      11  halt                                          dead ok $1 $2
    "###);
}

#[test]
fn atomics() {
    insta::assert_snapshot!(listing(
        "atomic a = 0;
         atomic b[2] = false;
         thread t { a.swap(1); let o = a.fetch_add(2, relaxed); a.fetch_sub(o, release); a.fetch_max(a.load(acquire), acq_rel); b[o].store(true, plain); let p = b[1].fetch_or(b[0].load(plain)); b[0].store(p); }"
    ), @r###"
    t:
       0  * a.swap(1)                                   dead o p $2 $3
       1  * o = a.fetch_add(2, relaxed)                 dead o p $2 $3
       2  * a.fetch_sub(o, release)                     dead p $2 $3
       3  * $2 = a.load(acquire)                        dead p $2 $3
       4  * a.fetch_max($2, acq_rel)                    dead p $3
       5  * b[o].store(1, plain)                        dead p $2 $3
       6  * $3 = b[0].load(plain)                       dead o p $2 $3
       7  * p = b[1].fetch_or($3)                       dead o p $2
       8  * b[0].store(p)                               dead o $2 $3
       9  halt                                          dead o p $2 $3
    "###);
}

/// The text that reports quote for each instruction, with its line.
fn quotations(text: &str) -> String {
    let program = compile(text);
    let quote = |span| {
        let words: Vec<&str> = program.source.quote(span).split_whitespace().collect();
        format!("{:>2}  {}", program.source.line(span), words.join(" "))
    };
    let instrs = program.codes.iter().flat_map(|code| &code.instrs);
    instrs.map(|instr| quote(instr.span)).collect::<Vec<_>>().join("\n")
}

#[test]
fn instructions_quote_the_text_they_come_from() {
    insta::assert_snapshot!(quotations(
        "mutex m;
         condvar changed;
         var filled = 0;
         atomic flag = false;
         channel c;
         fn put(x) { return x + filled; }
         thread t[i in 0..1] {
             with m {
                 while filled == 1 { changed.wait(m); }
                 filled += 1;
                 filled = (filled + 2);
                 if flag.load() && !(i == 2) { break_even(3); }
             }
             for v in c { let y = put(v) ; match c.try_recv() { some(w) => { filled = w + y; } _ => { } } }
             when flag.load() { flag.store(false, release); }
             either { yield ; } or { sleep(1ms); }
             while let some(z) = c.recv() { assert z > 0, \"no\"; }
             for k in 0..put(2) { assume k != 1; panic \"oh\"; }
             fence(acquire);
             let v = if flag.load() { c.recv() } else { choose(0..3) };
             c.send(v);
         }
         fn break_even(x) { let h[2]; h[x] += x; return; }"
    ), @r###"
     8  with m
     9  filled
     9  filled == 1
     9  changed.wait(m)
     9  while filled == 1
    10  filled
    10  filled += 1
    10  filled += 1
    11  filled
    11  filled + 2
    11  filled = (filled + 2)
    12  flag.load()
    12  flag.load()
    12  !(i == 2)
    23  let h[2]
    23  let h[2]
    23  h[x] += x
    13  }
    14  for v in c
    14  for v in c
     6  filled
     6  x + filled
    14  c.try_recv()
    14  match c.try_recv()
    14  w + y
    14  filled = w + y
    14  match c.try_recv()
    15  when flag.load()
    15  flag.load()
    15  flag.load()
    15  flag.store(false, release)
    15  when flag.load()
    16  either
    16  yield
    16  either
    16  sleep(1ms)
    17  c.recv()
    17  while let some(z) = c.recv()
    17  assert z > 0, "no"
    17  while let some(z) = c.recv()
     6  filled
     6  x + filled
    18  for k in 0..put(2)
    18  for k in 0..put(2)
    18  assume k != 1
    18  panic "oh"
    19  fence(acquire)
    20  flag.load()
    20  flag.load()
    20  c.recv()
    20  c.recv()
    20  c.recv()
    20  choose(0..3)
    21  c.send(v)
    22  }
    13  }
    22  }
    "###);
}
