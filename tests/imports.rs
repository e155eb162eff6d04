//! Scenarios of several files: what an import brings in, what it may not, and which file every message names.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use interleaver::explore::explore;
use interleaver::finding::Finding;
use interleaver::judgement::{Judgement, judge};
use interleaver::language::{Colour, Gathered, NoSweep, compile, compile_gathered, gather, render, render_all, sweep};
use interleaver::limits::{Limits, Unwatched};
use interleaver::program::{Program, Source};
use interleaver::report::{Report, text};
use interleaver::scenario;
use std::fs;

/// The first file with everything that it imports from the others.
fn gathered(files: &[(&str, &str)]) -> Gathered {
    let source = |(name, text): &(&str, &str)| Source { name: (*name).to_owned(), text: (*text).to_owned() };
    gather(&source(&files[0]), &mut |name| {
        files.iter().find(|(known, _)| *known == name).map(source).ok_or_else(|| "it does not exist".to_owned())
    })
}

fn program(files: &[(&str, &str)]) -> Program {
    let gathered = gathered(files);
    match compile_gathered(&gathered, &[]) {
        Ok(compiled) => compiled.program,
        Err(errors) => panic!("{}", render_all(&errors, &gathered.sources, Colour::Plain)),
    }
}

fn refused(files: &[(&str, &str)]) -> String {
    let gathered = gathered(files);
    let errors = compile_gathered(&gathered, &[]).expect_err("these texts are refused");
    render_all(&errors, &gathered.sources, Colour::Plain)
}

fn is_as_expected(program: &Program) -> bool {
    judge(program, &explore(program, &Limits::default(), &Unwatched)) == Judgement::AsExpected
}

const COUNTER: &str = "//! A counter for others.
const STEP = 2;
mutex m;
var count = 0;
always count <= 2 * STEP;
fn add() { with m { count += STEP; } }
";

#[test]
fn an_import_brings_constants_objects_functions_and_properties() {
    let main = "import \"lib/counter.ilv\";
        finally count == 2 * STEP;
        thread t[i in 0..2] { add(); }";
    let program = program(&[("a.ilv", main), ("lib/counter.ilv", COUNTER)]);
    assert!(is_as_expected(&program));
    let names: Vec<&str> = program.objects.iter().map(|object| object.name.as_str()).collect();
    assert_eq!(names, ["m", "count"]);
    assert_eq!(program.properties.len(), 2);
}

#[test]
fn an_import_is_the_same_as_its_text_in_its_place() {
    let main = "import \"counter.ilv\"; finally count == 2 * STEP; thread t[i in 0..2] { add(); count = count; }";
    let imported = program(&[("a.ilv", main), ("counter.ilv", COUNTER)]);
    let pasted = main.replace("import \"counter.ilv\";", &COUNTER.replace("//!", "//"));
    let pasted = compile(&Source { name: "a.ilv".to_owned(), text: pasted }, &[]).unwrap().program;
    let explored = |program: &Program| {
        let evidence = explore(program, &Limits::default(), &Unwatched);
        let kinds: Vec<_> = evidence.findings.iter().map(Finding::kind).collect();
        (evidence.counts, evidence.outcomes, kinds)
    };
    assert_eq!(explored(&imported), explored(&pasted));
    assert!(!explored(&imported).2.is_empty(), "the access outside the lock is found");
}

#[test]
fn a_file_that_is_imported_twice_counts_once() {
    let files = [
        ("x/a.ilv", "import \"b.ilv\"; import \"c.ilv\"; import \"./b.ilv\"; thread t { b(); c(); }"),
        ("x/b.ilv", "import \"../counter.ilv\"; fn b() { add(); }"),
        ("x/c.ilv", "import \"../counter.ilv\"; fn c() { add(); }"),
        ("counter.ilv", COUNTER),
    ];
    assert!(is_as_expected(&program(&files)));
    assert_eq!(gathered(&files).imported().collect::<Vec<_>>(), ["x/b.ilv", "counter.ilv", "x/c.ilv"]);
}

#[test]
fn a_circle_of_imports_is_named() {
    insta::assert_snapshot!(refused(&[
        ("a.ilv", "import \"b.ilv\";\nthread t { yield; }\n"),
        ("b.ilv", "// Both need each other.\nimport \"c.ilv\";\n"),
        ("c.ilv", "import \"b.ilv\";\n"),
    ]), @r#"
    error[E0157]: files import each other in a circle: `b.ilv` imports `c.ilv` imports `b.ilv`
     --> c.ilv:1:8
      |
    1 | import "b.ilv";
      |        ^^^^^^^
      |
      = help: move what both need into a file of its own
    "#);
    assert!(refused(&[("a.ilv", "import \"a.ilv\"; thread t { }")]).contains("circle: `a.ilv` imports `a.ilv`"));
}

#[test]
fn a_file_that_cannot_be_imported_is_named() {
    insta::assert_snapshot!(refused(&[("a.ilv", "import \"b.ilv\";\nthread t { yield; }\n")]), @r#"
    error[E0156]: cannot import `b.ilv`: it does not exist
     --> a.ilv:1:8
      |
    1 | import "b.ilv";
      |        ^^^^^^^
    "#);
    for path in ["/etc/b.ilv", "C:/b.ilv", "b\\\\c.ilv"] {
        let text = format!("import \"{path}\"; thread t {{ }}");
        assert!(refused(&[("a.ilv", &text)]).contains("a path is relative to this file"), "{path}");
    }
    let alone = Source { name: "a.ilv".to_owned(), text: "import \"b.ilv\"; thread t { }".to_owned() };
    let errors = compile(&alone, &[]).expect_err("there is no other file");
    assert!(render(&errors, &alone, Colour::Plain).contains("this text does not come from a file"));
    let huge = format!("import \"b.ilv\"; thread t {{ }} {}", " ".repeat(1024 * 1024 - 40));
    assert!(refused(&[("a.ilv", &huge), ("b.ilv", COUNTER)]).contains("larger than 1024 KiB"));
    let chain: Vec<(String, String)> =
        (0..70).map(|k| (format!("{k}.ilv"), format!("import \"{}.ilv\"; const K{k} = 1;", k + 1))).collect();
    let chain: Vec<(&str, &str)> = chain.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    assert!(refused(&chain).contains("a scenario imports at most 64 files"));
}

#[test]
fn a_scenario_cannot_be_imported() {
    insta::assert_snapshot!(refused(&[
        ("a.ilv", "import \"b.ilv\";\nthread t { yield; }\n"),
        ("b.ilv", "var x = 0;\nthread other { x = 1; }\n"),
    ]), @r#"
    error[E0158]: a file with `thread` cannot be imported
     --> b.ilv:2:1
      |
    2 | thread other { x = 1; }
      | ^^^^^^^^^^^^^^^^^^^^^^^ this belongs to a scenario of its own
      |
     ::: a.ilv:1:8
      |
    1 | import "b.ilv";
      |        ------- imported here
      |
      = help: an imported file may have parameters, constants, `require`, objects, functions and properties
    "#);
    for word in ["expect ok;", "observe x;", "memory sc;"] {
        assert!(refused(&[("a.ilv", "import \"b.ilv\"; var x = 0; thread t { }"), ("b.ilv", word)]).contains("E0158"));
    }
}

#[test]
fn messages_name_the_file_they_are_about() {
    insta::assert_snapshot!(refused(&[
        ("a.ilv", "import \"lib.ilv\";\nvar count = 0;\nthread t { add(); }\n"),
        ("lib.ilv", "mutex m;\nvar count = 0;\nfn add() { with n { count += 1; } }\n"),
    ]), @r#"
    error[E0202]: `count` is declared twice
     --> a.ilv:2:5
      |
    2 | var count = 0;
      |     ^^^^^ declared again here
      |
     ::: lib.ilv:2:5
      |
    2 | var count = 0;
      |     ----- first declared here
      |
      = help: parameters, constants, objects, functions and threads share one namespace: choose another name

    error[E0201]: nothing is called `n`
     --> lib.ilv:3:17
      |
    3 | fn add() { with n { count += 1; } }
      |                 ^ unknown name
    "#);
}

#[test]
fn reports_name_the_file_of_a_line_that_is_not_the_scenario_s() {
    let program = program(&[
        ("a.ilv", "import \"lib.ilv\";\n\nthread t { get(); }\nthread u { sem.acquire(); }\n"),
        ("lib.ilv", "semaphore sem(1);\nfn get() {\n    sem.acquire();\n}\n"),
    ]);
    let native = explore(&program, &Limits::default(), &Unwatched);
    let report = Report::new(&program, &native, &[]);
    insta::assert_snapshot!(text::snapshot(&report), @r"
    violated  deadlock (permits): `t` waits on `sem` for ever                                      a.ilv
              u
         1    sem.acquire()     4
    why       `t` waits at line 3 of lib.ilv in `sem.acquire()`: `sem` has no permit: taken and not
              given back by `u` (line 4)
              - no other thread ever releases `sem`
    schedule  v1 u

    also      deadlock (permits): `u` waits on `sem` for ever · needs no preemption
              t
         1    sem.acquire()  3 of lib.ilv
    why       `u` waits at line 4 in `sem.acquire()`: `sem` has no permit: taken and not given back by
              `t` (line 3 of lib.ilv)
              - no other thread ever releases `sem`
    schedule  v1 t

    judgement not as expected
              - no expectation covers the deadlock (permits) at line 3 of lib.ilv
              - no expectation covers the deadlock (permits) at line 4
    claim     complete · sc · native · needs no preemption
    cost      3 states · 2 steps
    ");
    let json = serde_json::to_value(&report).unwrap();
    let line = |finding: usize| &json["findings"][finding]["trace"]["rows"][0]["line"];
    assert_eq!((line(0), line(1)), (&serde_json::json!(4), &serde_json::json!({ "file": "lib.ilv", "line": 3 })));
}

#[test]
fn parameters_of_an_imported_file_are_swept() {
    let gathered = gathered(&[("a.ilv", "import \"b.ilv\"; thread t { }"), ("b.ilv", "param N = 1 in 1..=3;")]);
    assert_eq!(sweep(&gathered, &[]).unwrap().combinations.len(), 3);
    let broken = self::gathered(&[("a.ilv", "import \"b.ilv\"; thread t { }"), ("b.ilv", "param N = in 1..=3;")]);
    assert!(matches!(sweep(&broken, &[]), Err(NoSweep::Broken(_))));
}

#[test]
fn a_library_is_no_scenario_of_its_own() {
    let folder = tempfile::TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::create_dir(path("lib")).unwrap();
    fs::write(path("a.ilv"), "import \"lib/counter.ilv\"; thread t { add(); }").unwrap();
    fs::write(path("lib/counter.ilv"), COUNTER).unwrap();
    // Nobody imports this one: somebody has forgotten its threads.
    fs::write(path("lib/forgotten.ilv"), COUNTER).unwrap();
    let found: Vec<String> = scenario::below(folder.path())
        .unwrap()
        .iter()
        .map(|file| file.path.strip_prefix(folder.path()).unwrap().display().to_string())
        .collect();
    assert_eq!(found, ["a.ilv", "lib/forgotten.ilv"]);
    let [a, forgotten] = &scenario::below(folder.path()).unwrap()[..] else { panic!("there are two") };
    assert!(a.load(&[]).is_ok());
    assert!(forgotten.load(&[]).unwrap_err().render(Colour::Plain).contains("no thread"));
    fs::write(path("b.ilv"), "import \"gone.ilv\"; import \"notes.txt\"; thread t { }").unwrap();
    let errors = scenario::ScenarioFile::new(path("b.ilv")).load(&[]).unwrap_err().render(Colour::Plain);
    assert!(errors.contains("cannot import `gone.ilv`: it does not exist"), "{errors}");
    assert!(errors.contains("cannot import `notes.txt`: its name does not end in .ilv"), "{errors}");
}
