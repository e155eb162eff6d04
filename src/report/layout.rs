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
    let lines = rows.iter().map(|row| width(&row.line.to_string())).chain([width("9999")]).max().unwrap_or(0);
    let fits = MARGIN + roomy.iter().sum::<usize>() + lines + GAP + notes <= WIDTH;
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
        table.push(format!("{cell}{:>lines$}{note}", row.line));
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::Line;

    fn row(step: usize, thread: &str, operation: &str, note: Option<&str>) -> Row {
        let line = u32::try_from(step).expect("few steps") + 10;
        let (thread, operation, line) = (thread.to_owned(), operation.to_owned(), Line::Own(line));
        Row { step, thread, operation, line, note: note.map(str::to_owned) }
    }

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn wrapping_breaks_at_spaces_and_keeps_long_words() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("a verylongword b", 4), ["a", "verylongword", "b"]);
        assert_eq!(wrap("", 4), [""]);
    }

    #[test]
    fn widths_are_those_of_a_terminal() {
        assert_eq!(width("→"), 1);
        assert_eq!(pad("日本", 6), "日本  ");
    }

    #[test]
    fn columns_stand_beside_each_other_where_they_fit() {
        let rows = [
            row(1, "waiter", "flag.load() → false", None),
            row(2, "n", "ready.notify_one()", Some("nobody is waiting")),
        ];
        let expected = [
            "          waiter               n",
            "     1    flag.load() → false                        11",
            "     2                         ready.notify_one()    12  nobody is waiting",
        ];
        assert_eq!(table(&names(&["waiter", "n"]), &rows), expected);
    }

    #[test]
    fn columns_that_do_not_fit_move_together_and_still_begin_under_their_names() {
        let threads: Vec<String> = (0..6).map(|index| format!("stage[{index}]")).collect();
        let rows: Vec<Row> =
            threads.iter().zip(1..).map(|(name, step)| row(step, name, "output.send(1234567)", None)).collect();
        let table = table(&threads, &rows);
        let header = &table[0];
        for (name, line) in threads.iter().zip(&table[1..]) {
            assert_eq!(header.find(name.as_str()), line.find("output"), "{line}");
            assert!(width(line) <= WIDTH, "{line}");
        }
    }
}
