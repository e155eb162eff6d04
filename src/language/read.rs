//! From bytes to text: what is refused before anything is parsed.

use super::diagnostic::{Diagnostic, syntax};
use super::parser::MAX_BYTES;
use crate::program::Source;

/// The text of a scenario file. `name` is how messages and reports call the file.
///
/// # Errors
/// One diagnostic if the file is longer than [`MAX_BYTES`], not UTF-8, or has nothing in it. Its span is empty, because
/// there is no text to point at; render it with a [`Source`] of that name and without text.
pub fn read(name: &str, bytes: Vec<u8>) -> Result<Source, Vec<Diagnostic>> {
    if bytes.len() > MAX_BYTES {
        return Err(vec![syntax::too_large(MAX_BYTES)]);
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let line = error.as_bytes()[..valid].iter().filter(|byte| **byte == b'\n').count() + 1;
        vec![syntax::not_utf8(line, error.as_bytes()[valid])]
    })?;
    if text.trim().is_empty() {
        return Err(vec![syntax::empty(crate::program::Span::default())]);
    }
    Ok(Source { name: name.to_owned(), text })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(bytes: Vec<u8>) -> (&'static str, String) {
        let diagnostics = read("a.ilv", bytes).expect_err("these bytes are refused");
        (diagnostics[0].code, diagnostics[0].message.clone())
    }

    #[test]
    fn text_is_kept_byte_for_byte() {
        let source = read("a.ilv", b"var x = 0;\r\n".to_vec()).expect("this is text");
        assert_eq!(source, Source { name: "a.ilv".to_owned(), text: "var x = 0;\r\n".to_owned() });
    }

    #[test]
    fn what_is_no_text_is_refused() {
        assert_eq!(refused(b"a\nb\xff".to_vec()), ("E0154", "the file is not UTF-8: byte 0xff in line 2".to_owned()));
        assert_eq!(refused(Vec::new()).0, "E0155");
        assert_eq!(refused(b" \n\t".to_vec()).0, "E0155");
        assert_eq!(refused(vec![b' '; MAX_BYTES + 1]), ("E0153", "the file is larger than 1024 KiB".to_owned()));
    }
}
