//! What texts compile to: instruction listings, expectations and facts about the compiled program.
#![expect(clippy::unwrap_used, reason = "a test that meets an unexpected error fails")]

use interleaver::language::{self, Override};
use interleaver::program::{Expected, FindingKind, Program, Source, Value};

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

/// The example of the language's contract, word for word.
const BOUNDED_BUFFER: &str = r#"//! Bounded buffer with one condition variable.
//!
//! Producers and consumers wait on the same condition and `notify_one` may wake the wrong side: the buffer
//! deadlocks exactly when there are more threads than twice its capacity.

param PRODUCERS = 2 in 1..=3;          // default 2; `--sweep` and `sweep` tests try 1, 2 and 3
param CONSUMERS = 1 in 1..=3;
param CAPACITY  = 1 in 1..=3;

expect deadlock if PRODUCERS + CONSUMERS > 2 * CAPACITY;
expect ok otherwise;

mutex m;
condvar changed;
var filled = 0;                        // plain shared memory, checked for data races

always filled <= CAPACITY, "the buffer overflows";

thread producer[i in 0..PRODUCERS] {
    loop {
        with m {
            while filled == CAPACITY { changed.wait(m); }
            filled += 1;
            changed.notify_one();
        }
    }
}

thread consumer[i in 0..CONSUMERS] {
    loop {
        with m {
            while filled == 0 { changed.wait(m); }
            filled -= 1;
            changed.notify_one();
        }
    }
}
"#;

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
    let mut folders = vec![std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("scenarios")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                compile(&std::fs::read_to_string(path).unwrap());
            }
        }
    }
}
