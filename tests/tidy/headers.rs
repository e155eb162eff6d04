//! Every file opens with `//!`: what it is for, what it must not know, what it leaves out.

use crate::Problem;
use crate::source::File;

pub(crate) fn check(file: &File) -> Option<Problem> {
    let first = file.text.lines().next().unwrap_or("");
    (!first.starts_with("//! ")).then(|| Problem {
        path: file.path.clone(),
        line: 1,
        what: "the file does not say what it is for".to_owned(),
        instead: "begin it with `//!` and a sentence".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_a_header_is_found() {
        let found = check(&File::new("src/a.rs", "// For something.\nfn a() {}\n")).map(|problem| problem.to_string());
        let wanted = "src/a.rs:1: error: the file does not say what it is for, begin it with `//!` and a sentence";
        assert_eq!(found.as_deref(), Some(wanted));
        assert_eq!(check(&File::new("src/a.rs", "//! For something.\n")), None);
    }
}
