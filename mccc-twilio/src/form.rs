//! Decoded form fields of a webhook.

/// Longest body that is read as a form, in bytes. A request of the provider has a few kilobytes.
pub const MAX_FORM_BYTES: usize = 1 << 20;

/// The fields of an `application/x-www-form-urlencoded` body, decoded once and sorted by name, then value.
///
/// One buffer holds every name and value; a field is a range of it.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Form {
    text: String,
    fields: Vec<Field>,
}

/// `start..middle` is the name, `middle..end` the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Field {
    start: u32,
    middle: u32,
    end: u32,
}

/// The body is longer than [`MAX_FORM_BYTES`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the form is longer than {MAX_FORM_BYTES} bytes")]
pub struct FormTooLong;

impl Form {
    /// Decodes `body`. Every byte sequence is a form: a malformed escape stays as it is, bytes that are not UTF-8
    /// become replacement characters, blank fields are kept.
    ///
    /// # Errors
    /// [`FormTooLong`] when the body is longer than [`MAX_FORM_BYTES`].
    pub fn decode(body: &[u8]) -> Result<Self, FormTooLong> {
        if body.len() > MAX_FORM_BYTES {
            return Err(FormTooLong);
        }
        let mut bytes = Vec::with_capacity(body.len());
        let mut fields = Vec::with_capacity(32);
        let mut rest = body;
        while !rest.is_empty() {
            rest = decode_field(rest, &mut bytes, &mut fields);
        }
        let mut form = into_text(bytes, fields);
        form.sort();
        Ok(form)
    }

    /// The first value of a field.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        let at = self.fields.partition_point(|field| self.name(*field) < name);
        self.fields
            .get(at)
            .filter(|field| self.name(**field) == name)
            .map(|field| self.value(*field))
    }

    /// Every name and value, sorted by name, then value.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields.iter().map(|field| (self.name(*field), self.value(*field)))
    }

    /// How many fields there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.fields.len()
    }

    /// Whether there is no field.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// Appends every name and value without separators, each distinct pair once: what the provider signs.
    pub(crate) fn append_signed(&self, to: &mut Vec<u8>) {
        let mut last = None;
        for field in &self.fields {
            let pair = (self.name(*field), self.value(*field));
            if last != Some(pair) {
                to.extend_from_slice(self.slice(field.start, field.end).as_bytes());
            }
            last = Some(pair);
        }
    }

    /// Length of what [`Form::append_signed`] appends, at most.
    pub(crate) fn signed_len(&self) -> usize {
        self.text.len()
    }

    fn sort(&mut self) {
        let text = std::mem::take(&mut self.text);
        let part = |from: u32, to: u32| text.as_bytes().get(from as usize..to as usize).unwrap_or_default();
        self.fields.sort_unstable_by(|a, b| {
            let names = part(a.start, a.middle).cmp(part(b.start, b.middle));
            names.then_with(|| part(a.middle, a.end).cmp(part(b.middle, b.end)))
        });
        self.text = text;
    }

    fn name(&self, field: Field) -> &str {
        self.slice(field.start, field.middle)
    }

    fn value(&self, field: Field) -> &str {
        self.slice(field.middle, field.end)
    }

    fn slice(&self, from: u32, to: u32) -> &str {
        self.text.get(from as usize..to as usize).unwrap_or_default()
    }
}

/// Shows the names alone: values hold telephone numbers and message bodies.
impl std::fmt::Debug for Form {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.iter().map(|(name, _)| name)).finish()
    }
}

/// Decodes up to the next `&` and returns what follows it.
fn decode_field<'a>(input: &'a [u8], bytes: &mut Vec<u8>, fields: &mut Vec<Field>) -> &'a [u8] {
    let start = offset(bytes);
    let mut middle = None;
    let mut rest = input;
    let after = loop {
        let plain = rest
            .iter()
            .position(|byte| matches!(byte, b'&' | b'=' | b'%' | b'+'))
            .unwrap_or(rest.len());
        let (run, tail) = rest.split_at(plain);
        bytes.extend_from_slice(run);
        let Some((special, tail)) = tail.split_first() else {
            break tail;
        };
        rest = tail;
        match special {
            b'&' => break rest,
            b'=' if middle.is_none() => middle = Some(offset(bytes)),
            b'+' => bytes.push(b' '),
            b'%' => match tail {
                [high, low, after @ ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                    bytes.push(hex(*high) << 4 | hex(*low));
                    rest = after;
                }
                _ => bytes.push(b'%'),
            },
            other => bytes.push(*other),
        }
    };
    let end = offset(bytes);
    if end > start || middle.is_some() {
        fields.push(Field {
            start,
            middle: middle.unwrap_or(end),
            end,
        });
    }
    after
}

fn offset(bytes: &[u8]) -> u32 {
    // The decoded form is never longer than the body, whose length was checked.
    u32::try_from(bytes.len()).unwrap_or(u32::MAX)
}

const fn hex(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        b'a'..=b'f' => digit - b'a' + 10,
        _ => digit.wrapping_sub(b'A').wrapping_add(10),
    }
}

fn into_text(bytes: Vec<u8>, fields: Vec<Field>) -> Form {
    if !bytes.is_ascii() {
        return each_into_text(&bytes, &fields);
    }
    // ASCII is UTF-8, so the buffer is taken over unchanged.
    Form {
        text: String::from_utf8(bytes).unwrap_or_default(),
        fields,
    }
}

/// Names and values are text each on their own: half a character at the end of one is not completed by the next.
fn each_into_text(bytes: &[u8], fields: &[Field]) -> Form {
    let mut text = String::with_capacity(bytes.len());
    let mut append = |from: u32, to: u32| {
        text.push_str(&String::from_utf8_lossy(
            bytes.get(from as usize..to as usize).unwrap_or_default(),
        ));
        offset(text.as_bytes())
    };
    let mut start = 0;
    let fields = fields
        .iter()
        .map(|field| {
            let middle = append(field.start, field.middle);
            let end = append(field.middle, field.end);
            let moved = Field { start, middle, end };
            start = end;
            moved
        })
        .collect();
    Form { text, fields }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn form(body: &str) -> Form {
        Form::decode(body.as_bytes()).unwrap()
    }

    #[test]
    fn fields_are_decoded_once_and_sorted_by_name() {
        let form = form("b=2+3&a=%2B1&a=%2525&empty=&bare&&=x");
        let pairs: Vec<_> = form.iter().collect();
        assert_eq!(
            pairs,
            [
                ("", "x"),
                ("a", "%25"),
                ("a", "+1"),
                ("b", "2 3"),
                ("bare", ""),
                ("empty", "")
            ]
        );
        assert_eq!(form.get("b"), Some("2 3"));
        assert_eq!(form.get("empty"), Some(""));
        assert_eq!(form.get("c"), None);
    }

    #[test]
    fn malformed_escapes_stay_as_they_are() {
        assert_eq!(form("a=100%&b=%zz&c=%4").get("a"), Some("100%"));
        assert_eq!(form("b=%zz").get("b"), Some("%zz"));
        assert_eq!(form("c=%4").get("c"), Some("%4"));
    }

    #[test]
    fn half_a_character_is_not_completed_by_the_value() {
        let form = form("%C3=%A9");
        assert_eq!(form.iter().collect::<Vec<_>>(), [("\u{fffd}", "\u{fffd}")]);
    }

    #[test]
    fn debug_shows_names_alone() {
        assert_eq!(format!("{:?}", form("From=%2B15125550100")), r#"{"From"}"#);
    }

    #[test]
    fn a_giant_form_is_refused() {
        assert_eq!(Form::decode(&vec![b'a'; MAX_FORM_BYTES + 1]), Err(FormTooLong));
    }

    proptest! {
        #[test]
        fn any_bytes_decode_as_the_standard_says(body in proptest::collection::vec(
            prop_oneof![Just(b'&'), Just(b'='), Just(b'%'), Just(b'+'), Just(b'2'), Just(b'C'), Just(b'3'), any::<u8>()], 0..200
        )) {
            let form = Form::decode(&body).unwrap();
            let mut expected: Vec<(String, String)> = form_urlencoded::parse(&body).into_owned().collect();
            expected.sort_by(|a, b| (a.0.as_bytes(), a.1.as_bytes()).cmp(&(b.0.as_bytes(), b.1.as_bytes())));
            let found: Vec<(String, String)> = form.iter().map(|(n, v)| (n.to_owned(), v.to_owned())).collect();
            prop_assert_eq!(found, expected);
        }
    }
}
