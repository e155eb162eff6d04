//! A printed report, taken apart: each finding with the rows of its trace and what it claims about the end.

/// One finding as printed.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    /// `deadlock (lock_cycle): …`, the whole headline.
    pub(crate) headline: String,
    pub(crate) rows: Vec<Row>,
    /// What stands beside the label `why`, in one line.
    pub(crate) why: String,
    /// The step that comes after the last row again.
    pub(crate) back_to: Option<usize>,
}

/// One row of a trace.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) thread: String,
    pub(crate) text: String,
    pub(crate) line: usize,
    pub(crate) note: String,
}

/// A thread that is said to wait for ever.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Wait {
    pub(crate) thread: String,
    pub(crate) operation: String,
}

/// A notification that is said to have gone to others though a thread needed it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Missed {
    pub(crate) condvar: String,
    pub(crate) step: usize,
    /// Whom it woke, and in which step each of them waited again, if that is said.
    pub(crate) useless: Vec<(String, Option<usize>)>,
    pub(crate) waiter: String,
    /// What would be there for the one who waits: name, value, step.
    pub(crate) there: Vec<(String, i64, Option<usize>)>,
}

/// Labels take this many columns; what belongs to them stands behind.
const MARGIN: usize = 10;

impl Finding {
    /// `deadlock` of `partial deadlock (lost_wakeup): …`.
    pub(crate) fn kind(&self) -> &str {
        let what = self.headline.split([':', '(']).next().unwrap_or_default().trim();
        what.strip_prefix("partial ").unwrap_or(what)
    }

    /// The threads that the reason lists as waiting: `` `t` waits at line 7 in `m.lock()`: … ``.
    pub(crate) fn waits(&self) -> Vec<Wait> {
        let quoted: Vec<&str> = self.why.split('`').collect();
        let wait = |parts: &[&str]| {
            let is_wait = parts[1].starts_with(" waits at line ") && parts[1].ends_with(" in ");
            is_wait.then(|| Wait { thread: parts[0].to_owned(), operation: parts[2].to_owned() })
        };
        // Every second part stands in backticks.
        quoted.windows(3).skip(1).step_by(2).filter_map(wait).collect()
    }

    /// The notifications that others got: `` a notification of `c` (step 9, line 27) woke `b`, which changed nothing and
    /// waited again (step 13); `a` waited as well and would have gone on: `x` is true since step 8``.
    pub(crate) fn missed(&self) -> Vec<Missed> {
        const WAITED: &str = "` waited as well and would have gone on";
        let number = |text: &str| text.split(|c: char| !c.is_ascii_digit()).next()?.parse::<usize>().ok();
        let parts: Vec<&str> = self.why.split("a notification of `").skip(1).collect();
        let missed = |part: &str| {
            let (condvar, rest) = part.split_once("` (step ")?;
            let (woke, rest) = rest.split_once(WAITED)?;
            let (woke, waiter) = woke.rsplit_once('`')?;
            let useless = woke.split_once(") woke ")?.1.split("`, which ").map(str::to_owned).collect::<Vec<_>>();
            let useless = useless.windows(2).map(|pair| {
                let name = pair[0].rsplit('`').next().unwrap_or_default().to_owned();
                let again = pair[1].strip_prefix("changed nothing and waited again (step ").and_then(number);
                (name, again)
            });
            let there = rest.strip_prefix(": ").unwrap_or_default().split('`').skip(1).collect::<Vec<_>>();
            let there =
                there.chunks(2).take_while(|pair| pair.len() == 2 && pair[1].starts_with(" is ")).filter_map(|pair| {
                    let said: Vec<&str> = pair[1].trim_start_matches(" is ").split([' ', ',']).collect();
                    let value = match *said.first()? {
                        "true" => 1,
                        "false" => 0,
                        number => number.parse().ok()?,
                    };
                    let since = pair[1].split_once("since step ").and_then(|(_, rest)| number(rest));
                    Some((pair[0].to_owned(), value, since))
                });
            Some(Missed {
                condvar: condvar.to_owned(),
                step: number(part.split_once("(step ")?.1)?,
                useless: useless.collect(),
                waiter: waiter.to_owned(),
                there: there.collect(),
            })
        };
        parts.into_iter().filter_map(missed).collect()
    }

    /// The declaration that a headline quotes, from the word on: `` `always x == 0, "text"` ``.
    pub(crate) fn property(&self) -> Option<&str> {
        let declaration = self.headline.split('`').nth(1)?;
        let condition = declaration.split_once(' ')?.1;
        Some(condition.split(", \"").next().unwrap_or(condition))
    }
}

/// All findings of a report.
pub(crate) fn findings(report: &str) -> Result<Vec<Finding>, String> {
    let mut findings: Vec<Finding> = Vec::new();
    let mut part = "";
    let mut header: Vec<(usize, String)> = Vec::new();
    let mut before = "";
    for line in report.lines() {
        let (label, text) = match line.char_indices().nth(MARGIN) {
            Some((at, _)) => (line[..at].trim(), &line[at..]),
            None => (line.trim(), ""),
        };
        let number = label.parse::<usize>().ok();
        if let Some(number) = number {
            let finding = findings.last_mut().ok_or("a row before the first finding")?;
            if finding.rows.is_empty() {
                header = columns(before);
            }
            let row = row(line, &header)?;
            finding.rows.push(row);
            if finding.rows.len() != number {
                return Err(format!("row {number} is the {}. row", finding.rows.len()));
            }
        } else if !label.is_empty() {
            part = label;
            if matches!(label, "violated" | "also") {
                let headline = text.split("  ").next().unwrap_or_default().to_owned();
                findings.push(Finding { headline, rows: Vec::new(), why: String::new(), back_to: None });
            } else if let (Some(finding), "round") = (findings.last_mut(), label) {
                let step = text.strip_prefix("back to step ").ok_or("a round that goes nowhere")?;
                let step = step.split([':', ',']).next().unwrap_or_default();
                finding.back_to = Some(step.parse().map_err(|_| format!("`{step}` is no step"))?);
            } else if let (Some(finding), "why") = (findings.last_mut(), label) {
                text.clone_into(&mut finding.why);
            }
        } else if let (Some(finding), false) = (findings.last_mut(), text.is_empty()) {
            match part {
                "why" => finding.why = format!("{} {}", finding.why, text.trim()),
                "violated" | "also" if finding.rows.is_empty() && finding.headline.matches('`').count() % 2 == 1 => {
                    finding.headline = format!("{} {text}", finding.headline);
                }
                _ => {}
            }
        }
        before = line;
    }
    // "also      3 more findings" counts what is not shown.
    findings.retain(|finding| !finding.rows.is_empty() || finding.headline.contains(':'));
    Ok(findings)
}

/// The names in a header, each with the column where it begins.
fn columns(header: &str) -> Vec<(usize, String)> {
    let mut columns: Vec<(usize, String)> = Vec::new();
    let mut blanks = 2;
    for (column, letter) in header.chars().enumerate() {
        if letter == ' ' {
            blanks += 1;
            continue;
        }
        match columns.last_mut() {
            Some((_, name)) if blanks < 2 => name.push_str(&format!("{}{letter}", " ".repeat(blanks))),
            _ => columns.push((column, letter.to_string())),
        }
        blanks = 0;
    }
    columns
}

/// A row: number, text in the column of its thread, line, perhaps a note; two blanks or more between them.
fn row(line: &str, header: &[(usize, String)]) -> Result<Row, String> {
    let fields: Vec<&str> = line.split("  ").map(str::trim).filter(|field| !field.is_empty()).collect();
    let (text, number, note) = match fields[..] {
        [_, text, number] => (text, number, ""),
        [_, text, number, note] => (text, number, note),
        _ => return Err(format!("not a row: `{line}`")),
    };
    let start = line.find(text).map(|at| line[..at].chars().count());
    let column = header.iter().find(|(column, _)| Some(*column) == start);
    let (_, thread) = column.ok_or_else(|| format!("`{text}` stands in nobody's column"))?;
    let line = number.parse().map_err(|_| format!("`{number}` is no line"))?;
    Ok(Row { thread: thread.clone(), text: text.to_owned(), line, note: note.to_owned() })
}
