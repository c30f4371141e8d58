//! One filter in the row above a list.

use crate::i18n::Texts;
use crate::web::list::Address;

/// One filter in the row above a list: dashed while unset, tinted with its value and a way to clear it once set.
pub struct Pill {
    /// Of the panel that opens below it.
    pub id: String,
    pub label: &'static str,
    pub value: Option<String>,
    pub clear: String,
    pub choices: Vec<Choice>,
    pub inputs: Vec<Input>,
    pub hidden: Vec<(&'static str, String)>,
}

/// A value that is one click away.
pub struct Choice {
    pub href: String,
    pub label: String,
    pub is_current: bool,
}

/// A value that is typed.
pub struct Input {
    pub name: &'static str,
    pub label: &'static str,
    pub kind: &'static str,
    pub value: String,
}

impl Pill {
    fn new(label: &'static str, address: &Address, names: &[&'static str]) -> Pill {
        let cleared: Vec<(&'static str, &str)> = names.iter().map(|name| (*name, "")).collect();
        Pill {
            id: format!("filter-{}", names.first().copied().unwrap_or_default()),
            label,
            value: None,
            clear: address.with(&cleared),
            choices: Vec::new(),
            inputs: Vec::new(),
            hidden: Vec::new(),
        }
    }

    /// One of a list of values.
    pub fn choice(
        label: &'static str,
        address: &Address,
        name: &'static str,
        value: &str,
        options: impl IntoIterator<Item = (String, String)>,
    ) -> Pill {
        let mut pill = Pill::new(label, address, &[name]);
        // A value that is not offered any more filters all the same, and must be seen to.
        pill.value = (!value.is_empty()).then(|| value.to_owned());
        options.into_iter().fold(pill, |pill, (code, text)| {
            let is_current = code == value;
            pill.or(address.with(&[(name, &code)]), text, is_current)
        })
    }

    /// A further value, which may touch other fields.
    pub fn or(mut self, href: String, label: String, is_current: bool) -> Pill {
        if is_current {
            self.value = Some(label.clone());
        }
        self.choices.push(Choice {
            href,
            label,
            is_current,
        });
        self
    }

    /// Two borders; `unit` is what the browser offers to type them with.
    pub fn range(
        label: &'static str,
        address: &Address,
        t: Texts,
        kind: &'static str,
        from: (&'static str, &str),
        to: (&'static str, &str),
    ) -> Pill {
        let t = t.lists();
        let mut pill = Pill::new(label, address, &[from.0, to.0]);
        pill.value = match (from.1, to.1) {
            ("", "") => None,
            (from, "") => Some(t.since(from)),
            ("", to) => Some(t.until(to)),
            (from, to) if from == to => Some(from.to_owned()),
            (from, to) => Some(t.between(from, to)),
        };
        pill.hidden = address.hidden(&[from.0, to.0]);
        for (label, (name, value)) in [(t.from(), from), (t.to(), to)] {
            pill.inputs.push(Input {
                name,
                label,
                kind,
                value: value.to_owned(),
            });
        }
        pill
    }

    /// A typed word.
    pub fn word(label: &'static str, address: &Address, name: &'static str, value: &str) -> Pill {
        let mut pill = Pill::new(label, address, &[name]);
        pill.value = (!value.is_empty()).then(|| value.to_owned());
        pill.hidden = address.hidden(&[name]);
        pill.inputs.push(Input {
            name,
            label,
            kind: "text",
            value: value.to_owned(),
        });
        pill
    }

    /// Fields that a choice of this pill takes away when it is made, and the other way round.
    pub fn without(mut self, names: &[&'static str], clear: String) -> Pill {
        self.hidden.retain(|(name, _)| !names.contains(name));
        self.clear = clear;
        self
    }
}
