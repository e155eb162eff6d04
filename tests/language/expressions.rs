//! How expressions group, and what their spans cover.

use crate::source;
use interleaver::language;
use interleaver::language::tree::{Expr, ExprKind, ItemKind, PatternKind};
use interleaver::program::{BinaryOp, UnaryOp};

/// The expression with all its parentheses.
fn grouped(text: &str) -> String {
    let source = source(&format!("require {text};"));
    let (file, diagnostics) = language::parse(&source);
    assert_eq!(diagnostics, [], "in {text}");
    let ItemKind::Require { condition } = &file.items[0].kind else { panic!("not a requirement: {:?}", file.items[0]) };
    assert_eq!(source.quote(condition.span), unparenthesised(text));
    show(condition)
}

/// Parentheses around a whole expression are not part of it.
fn unparenthesised(text: &str) -> &str {
    text.strip_prefix("((").and_then(|text| text.strip_suffix("))")).unwrap_or(text)
}

fn show(expr: &Expr) -> String {
    let list = |args: &[Expr]| args.iter().map(show).collect::<Vec<_>>().join(", ");
    match &expr.kind {
        ExprKind::Int(value) => value.to_string(),
        ExprKind::Bool(value) => value.to_string(),
        ExprKind::Name(name) => name.clone(),
        ExprKind::Index { base, index } => format!("{}[{}]", show(base), show(index)),
        ExprKind::Field { base, field } => format!("{}.{}", show(base), field.name),
        ExprKind::Call { function, args } => format!("{}({})", function.name, list(args)),
        ExprKind::Method { receiver, method, args } => format!("{}.{}({})", show(receiver), method.name, list(args)),
        ExprKind::Unary { op, operand } => format!("({}{})", unary(*op), show(operand)),
        ExprKind::Binary { op, left, right } => format!("({} {} {})", show(left), binary(*op), show(right)),
        ExprKind::And { left, right } => format!("({} && {})", show(left), show(right)),
        ExprKind::Or { left, right } => format!("({} || {})", show(left), show(right)),
        ExprKind::If { condition, then, otherwise } => {
            format!("(if {} {{ {} }} else {{ {} }})", show(condition), show(then), show(otherwise))
        }
        ExprKind::Is { value, pattern } => {
            let pattern =
                if let PatternKind::Value(value) = &pattern.kind { show(value) } else { format!("{:?}", pattern.kind) };
            format!("({} is {pattern})", show(value))
        }
        ExprKind::Spawn { function, args } => {
            format!("spawn {}({})", function.name, args.iter().map(show).collect::<Vec<_>>().join(", "))
        }
        ExprKind::Choose(range) => format!("choose({}..{})", show(&range.from), show(&range.to)),
        ExprKind::Duration(micros) => format!("{micros}us"),
        ExprKind::Error => "?".to_owned(),
    }
}

fn unary(op: UnaryOp) -> &'static str {
    match op {
        UnaryOp::Negate => "-",
        UnaryOp::Not => "!",
    }
}

fn binary(op: BinaryOp) -> &'static str {
    match op {
        BinaryOp::Add => "+",
        BinaryOp::Subtract => "-",
        BinaryOp::Multiply => "*",
        BinaryOp::Divide => "/",
        BinaryOp::Remainder => "%",
        BinaryOp::BitAnd => "&",
        BinaryOp::BitOr => "|",
        BinaryOp::BitXor => "^",
        BinaryOp::ShiftLeft => "<<",
        BinaryOp::ShiftRight => ">>",
        BinaryOp::Equal => "==",
        BinaryOp::NotEqual => "!=",
        BinaryOp::Less => "<",
        BinaryOp::LessOrEqual => "<=",
        BinaryOp::Greater => ">",
        BinaryOp::GreaterOrEqual => ">=",
    }
}

#[test]
fn operators_group_as_in_rust() {
    for (text, expected) in [
        ("a + b * c", "(a + (b * c))"),
        ("a * b + c", "((a * b) + c)"),
        ("a - b - c", "((a - b) - c)"),
        ("a / b * c % d", "(((a / b) * c) % d)"),
        ("a || b && c", "(a || (b && c))"),
        ("a && b || c && d", "((a && b) || (c && d))"),
        ("a + 1 < b << 2", "((a + 1) < (b << 2))"),
        ("a << 1 + b", "(a << (1 + b))"),
        // Unlike in C, bit operators bind more strongly than comparisons.
        ("a & 1 == 0", "((a & 1) == 0)"),
        ("a | b ^ c & d", "(a | (b ^ (c & d)))"),
        ("a >> b & c", "((a >> b) & c)"),
        ("-a * -b", "((-a) * (-b))"),
        ("!a == b", "((!a) == b)"),
        ("- - a", "(-(-a))"),
        ("!a.f(1)[2].g", "(!a.f(1)[2].g)"),
        ("a < b && b < c", "((a < b) && (b < c))"),
        ("(a < b) == c", "((a < b) == c)"),
        ("(a + b) * c", "((a + b) * c)"),
        ("((a))", "a"),
        ("a.f() is none && b", "((a.f() is None) && b)"),
        ("a.f() is -1 || b", "((a.f() is (-1)) || b)"),
        ("f(a, b + 1,)", "f(a, (b + 1))"),
        ("if a { b } else if c { d } else { e } + 1", "((if a { b } else { (if c { d } else { e }) }) + 1)"),
        ("choose(a..b + 1)", "choose(a..(b + 1))"),
        ("1_000 - 9_223_372_036_854_775_807", "(1000 - 9223372036854775807)"),
        ("-9223372036854775808", "-9223372036854775808"),
        ("true == false", "(true == false)"),
    ] {
        assert_eq!(grouped(text), expected, "of {text}");
    }
}
