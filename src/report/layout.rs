//! Columns and lines: widths as a terminal counts them, wrapping, and the table of a trace.

use super::Row;
use unicode_width::UnicodeWidthStr;

/// Width that lines keep to where they can.
pub(super) const WIDTH: usize = 100;
/// Where text begins, after the label.
pub(super) const MARGIN: usize = 10;

/// Number of columns that a text takes.
pub(super) fn width(text: &str) -> usize {
    UnicodeWidthStr::width(text)
}

/// The text, filled with spaces up to a width.
pub(super) fn pad(text: &str, to: usize) -> String {
    format!("{text}{}", " ".repeat(to.saturating_sub(width(text))))
}

/// A text broken at spaces into lines of at most `width` columns; a longer word stays whole.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if self::width(line) + 1 + self::width(word) <= width => {
                line.push(' ');
                line.push_str(word);
            }
            Some(_) | None => lines.push(word.to_owned()),
        }
    }
    lines
}

/// The table of a trace: a header with one column per thread, then one line per step.
///
/// Where the columns fit beside each other, each is as wide as its widest step. Where they do not, columns begin just far
/// enough apart for the names in the header, and a step may run on under the names to its right: a row has only one step.
/// Either way a step begins exactly where its thread's name begins.
pub(super) fn table(threads: &[String], rows: &[Row]) -> Vec<String> {
    const GAP: usize = 2;
    let widest = |thread: &String| {
        let steps = rows.iter().filter(|row| row.thread == *thread).map(|row| width(&row.operation));
        steps.chain([width(thread)]).max().unwrap_or(0)
    };
    let notes = rows.iter().filter_map(|row| row.note.as_deref()).map(width).max().unwrap_or(0);
    let roomy: Vec<usize> = threads.iter().map(|thread| widest(thread) + GAP).collect();
    let narrow: Vec<usize> = threads.iter().map(|thread| width(thread) + GAP).collect();
    let fits = MARGIN + roomy.iter().sum::<usize>() + width("9999") + GAP + notes <= WIDTH;
    let columns = if fits { roomy } else { narrow };

    let start = |thread: &str| {
        let before = threads.iter().take_while(|name| *name != thread).count();
        MARGIN + columns.iter().take(before).sum::<usize>()
    };
    let ends = rows.iter().map(|row| start(&row.thread) + width(&row.operation));
    let lines_at = ends.chain([MARGIN + columns.iter().sum::<usize>() - GAP]).max().unwrap_or(0) + GAP;

    let header: String = threads.iter().zip(&columns).map(|(thread, column)| pad(thread, *column)).collect();
    let mut table = vec![format!("{}{}", " ".repeat(MARGIN), header.trim_end())];
    for row in rows {
        let step = pad(&format!("{:>6}", row.step), start(&row.thread));
        let cell = pad(&format!("{step}{}", row.operation), lines_at);
        let note = row.note.as_ref().map_or_else(String::new, |note| format!("  {note}"));
        table.push(format!("{cell}{:>4}{note}", row.line));
    }
    table
}
