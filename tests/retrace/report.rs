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
