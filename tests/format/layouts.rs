//! Layouts by hand: what a person sees change, and what stays. The laws are in `laws`.

use interleaver::language::format;
use interleaver::program::Source;

fn formatted(text: &str) -> String {
    let source = |text: &str| Source { name: "a.ilv".to_owned(), text: text.to_owned() };
    let once = format(&source(text)).unwrap();
    assert_eq!(format(&source(&once)).unwrap(), once, "a layout is its own layout");
    once
}

#[test]
fn spaces_are_what_they_should_be() {
    let text = "mutex   m ;var x=- 1;atomic a[ 2 ]=0;\nthread t{x=x-  1;x=-1*( -x );with   m{ x+=! true;}a [0] . store( -1 ,relaxed );}";
    insta::assert_snapshot!(formatted(text), @r"
    mutex m; var x = -1; atomic a[2] = 0;
    thread t { x = x - 1; x = -1 * (-x); with m { x += !true; } a[0].store(-1, relaxed); }
    ");
}

#[test]
fn words_before_a_parenthesis_are_calls_or_not() {
    let text = "fn put (x){while(x>0){ return ; }}\nthread t { put (1); if(true){ sleep (5ms); } assert(1==1),\"a\"; let v=choose (0 .. 3); }";
    insta::assert_snapshot!(formatted(text), @r#"
    fn put(x) { while (x > 0) { return; } }
    thread t { put(1); if (true) { sleep(5ms); } assert (1 == 1), "a"; let v = choose(0..3); }
    "#);
}

#[test]
fn blocks_of_several_lines_are_indented() {
    let text = "\n\n//! Title.\nvar x = 0;\n\n\n\nthread t\n{\n\n  if x == 0 { x = 1;\n x = 2; }\n else\n {\n x = 3; }\n\n}\nthread u { loop\n{ break; } }";
    insta::assert_snapshot!(formatted(text), @r"
    //! Title.

    var x = 0;

    thread t {
        if x == 0 {
            x = 1;
            x = 2;
        } else {
            x = 3;
        }
    }
    thread u {
        loop { break; }
    }
    ");
}

#[test]
fn comments_stay_where_they_are() {
    let text =
        "var x = 0;     // plain  \n// above\nthread t { // head\n// first\nx = 1; // one\n\n\n// last\n}\n// end";
    insta::assert_snapshot!(formatted(text), @r"
    var x = 0;     // plain
    // above
    thread t { // head
        // first
        x = 1; // one

        // last
    }
    // end
    ");
}

#[test]
fn lists_and_matches() {
    let text = "param N=1 in { 1 ,2 };\nobserve x,\ny;\nexpect outcomes{(0,1),\n(1 , _)};\nvar x = 0;\nvar y = 0;\nchannel c;\nthread t { match c.try_recv(){some(v)=>{} none=>{ x=1; }\n-1=>{},_=>{ } } }";
    let text = text.replace("-1=>{},", "");
    insta::assert_snapshot!(formatted(&text), @r"
    param N = 1 in {1, 2};
    observe x,
        y;
    expect outcomes {
        (0, 1),
        (1, _)
    };
    var x = 0;
    var y = 0;
    channel c;
    thread t {
        match c.try_recv() {
            some(v) => {} none => { x = 1; }
            _ => {}
        }
    }
    ");
}

#[test]
fn negative_arms_and_differences() {
    let text = "thread t { let x = if true {1} else {2} -1; match x { 0 => {} -1 => { } _ => {} } }";
    insta::assert_snapshot!(formatted(text), @"thread t { let x = if true { 1 } else { 2 } - 1; match x { 0 => {} -1 => {} _ => {} } }");
}

#[test]
fn long_expressions_go_on_indented() {
    let text = "var x = 0;\nalways x == 0\n|| x == 1,\n\"text\";\nfn f(a, b) {}\nthread t {\nf(\n1,\n2\n+ 3\n);\nif x == 0\n&& x == 1 {\nx = 1;\n}\n}";
    insta::assert_snapshot!(formatted(text), @r#"
    var x = 0;
    always x == 0
        || x == 1,
        "text";
    fn f(a, b) {}
    thread t {
        f(
            1,
            2
                + 3
        );
        if x == 0
            && x == 1 {
            x = 1;
        }
    }
    "#);
}

#[test]
fn blocks_that_do_not_fit_are_opened() {
    let long = "some_long_name_of_a_variable";
    let text = format!(
        "var {long} = 0;\nthread t {{ if {long} == 1 {{ {long} = {long} + 1; {long} = 2; }} else {{ {long} = 3; }} {long} = 4; }}"
    );
    insta::assert_snapshot!(formatted(&text), @r"
    var some_long_name_of_a_variable = 0;
    thread t {
        if some_long_name_of_a_variable == 1 {
            some_long_name_of_a_variable = some_long_name_of_a_variable + 1;
            some_long_name_of_a_variable = 2;
        } else {
            some_long_name_of_a_variable = 3;
        }
        some_long_name_of_a_variable = 4;
    }
    ");
}

#[test]
fn what_editors_leave_behind_goes() {
    let text = "\u{feff}mutex m;\r\n\r\n\r\nthread t {\t// why \t\r\n\twith m { }\r\n}\r\n\r\n";
    assert_eq!(formatted(text), "mutex m;\n\nthread t { // why\n    with m {}\n}\n");
}

#[test]
fn huge_texts_of_any_shape_are_laid_out_in_time() {
    let thread = "var x = 0;\nthread t { x = 1; }\n";
    formatted(&(thread.to_owned() + &"//\n".repeat(100_000)));
    formatted(&format!("var x = 0; thread t {{ {}}}", "x=1;".repeat(30_000)));
    formatted(&format!("var x = 0; thread t {{ {}}}", "if true{x=1;}".repeat(8_000)));
}

#[test]
fn a_text_with_errors_has_no_layout() {
    let source = Source { name: "a.ilv".to_owned(), text: "mutex m\nthread t { }".to_owned() };
    let found = format(&source).unwrap_err();
    assert_eq!(found.len(), 1);
}
