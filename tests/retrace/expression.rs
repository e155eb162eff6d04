//! Integer expressions over names: enough for declarations (`2 * N`) and for properties (`east == 0 || west == 0`).
//!
//! Booleans are 0 and 1. No division, no calls but the ones that a resolver knows by their text (`jar.len()`).

/// A number for each name; a name may have a path, an index and empty calls (`reader[0].r1`, `m.is_locked()`).
pub(crate) trait Names {
    /// The value of `name`, its index already evaluated and written in digits.
    fn value(&self, name: &str) -> Option<i64>;
}

impl<F: Fn(&str) -> Option<i64>> Names for F {
    fn value(&self, name: &str) -> Option<i64> {
        self(name)
    }
}

/// Evaluates `text`.
pub(crate) fn evaluate(text: &str, names: &dyn Names) -> Result<i64, String> {
    let mut reader = Reader { tokens: tokens(text)?, position: 0, names };
    let value = reader.binary(0)?;
    match reader.peek() {
        None => Ok(value),
        Some(token) => Err(format!("`{text}`: unexpected `{token}`")),
    }
}

fn tokens(text: &str) -> Result<Vec<String>, String> {
    const SYMBOLS: [&str; 18] =
        ["==", "!=", "<=", ">=", "&&", "||", "<", ">", "+", "-", "*", "%", "!", "(", ")", "[", "]", "."];
    let mut rest = text.trim_start();
    let mut found = Vec::new();
    while let Some(first) = rest.chars().next() {
        let word = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        let len = match SYMBOLS.iter().find(|symbol| rest.starts_with(**symbol)) {
            _ if word > 0 => word,
            Some(symbol) => symbol.len(),
            None => return Err(format!("`{text}`: cannot read `{first}`")),
        };
        found.push(rest[..len].to_owned());
        rest = rest[len..].trim_start();
    }
    Ok(found)
}

struct Reader<'a> {
    tokens: Vec<String>,
    position: usize,
    names: &'a dyn Names,
}

impl Reader<'_> {
    fn peek(&self) -> Option<&str> {
        self.tokens.get(self.position).map(String::as_str)
    }

    fn take(&mut self, wanted: &str) -> bool {
        let there = self.peek() == Some(wanted);
        self.position += usize::from(there);
        there
    }

    fn demand(&mut self, wanted: &str) -> Result<(), String> {
        if self.take(wanted) { Ok(()) } else { Err(format!("expected `{wanted}`, found {:?}", self.peek())) }
    }

    /// Operators of `level` and of all levels that bind more tightly.
    fn binary(&mut self, level: usize) -> Result<i64, String> {
        const LEVELS: [&[&str]; 5] = [&["||"], &["&&"], &["==", "!=", "<=", ">=", "<", ">"], &["+", "-"], &["*", "%"]];
        let Some(operators) = LEVELS.get(level) else { return self.unary() };
        let mut left = self.binary(level + 1)?;
        while let Some(operator) = operators.iter().find(|operator| self.take(operator)) {
            let right = self.binary(level + 1)?;
            left = match *operator {
                "||" => i64::from(left != 0 || right != 0),
                "&&" => i64::from(left != 0 && right != 0),
                "==" => i64::from(left == right),
                "!=" => i64::from(left != right),
                "<=" => i64::from(left <= right),
                ">=" => i64::from(left >= right),
                "<" => i64::from(left < right),
                ">" => i64::from(left > right),
                "+" => left + right,
                "-" => left - right,
                "*" => left * right,
                _ => left.checked_rem(right).ok_or("remainder by zero")?,
            };
        }
        Ok(left)
    }

    fn unary(&mut self) -> Result<i64, String> {
        if self.take("!") {
            return Ok(i64::from(self.unary()? == 0));
        }
        if self.take("-") {
            return Ok(-self.unary()?);
        }
        if self.take("(") {
            let value = self.binary(0)?;
            self.demand(")")?;
            return Ok(value);
        }
        let mut name = self.peek().ok_or("the expression ends too early")?.to_owned();
        self.position += 1;
        match name.as_str() {
            "true" => return Ok(1),
            "false" => return Ok(0),
            _ => {}
        }
        if let Ok(number) = name.parse() {
            return Ok(number);
        }
        loop {
            if self.take("[") {
                name = format!("{name}[{}]", self.binary(0)?);
                self.demand("]")?;
            } else if self.take(".") {
                name = format!("{name}.{}", self.peek().unwrap_or_default());
                self.position += 1;
            } else if self.take("(") {
                self.demand(")")?;
                name.push_str("()");
            } else {
                return self.names.value(&name).ok_or(format!("nobody knows `{name}`"));
            }
        }
    }
}
