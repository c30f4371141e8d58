//! The rows of items in the form of a visit: repeated fields, a few empty ones at the end.

use std::str::FromStr;

use crate::money::Money;
use crate::text::clean;
use crate::visits::forms::VisitForm;
use crate::visits::items::{self, Item, ItemKind, NewItem};
use crate::web::form::{FieldError, FormErrors};

/// Empty rows under the filled ones, and how many "more rows" adds.
const SPARE: usize = 3;
/// More lines than any repair order has; the rest of a hostile post is left out.
const MAX_ROWS: usize = 60;
/// Longest code of a part or an operation.
const MAX_CODE: usize = 40;
/// Longest name of a line.
const MAX_NAME: usize = 100;

/// A row as it was typed.
#[derive(Clone, Debug, Default)]
pub struct ItemRow {
    pub number: usize,
    pub kind: String,
    pub code: String,
    pub name: String,
    pub quantity: String,
    pub amount: String,
}

impl ItemRow {
    fn is_empty(&self) -> bool {
        [&self.code, &self.name, &self.amount]
            .iter()
            .all(|text| text.trim().is_empty())
    }
}

impl VisitForm {
    /// Fills the rows of an existing visit; lines cut from the summary stay with the summary.
    pub fn with_items(mut self, items: &[Item]) -> VisitForm {
        for item in items.iter().filter(|item| !item.is_derived) {
            self.item_kind.push(item.kind.as_str().to_owned());
            self.item_code.push(item.code.clone());
            self.item_name.push(item.name.clone());
            self.item_quantity.push(item.quantity.clone());
            let amount = item.amount_fen.map(|fen| Money::from_fen(fen).to_string());
            self.item_amount.push(amount.unwrap_or_default());
        }
        self
    }

    /// Whether more rows are asked for, not saving.
    pub fn wants_rows(&self) -> bool {
        !self.more.is_empty()
    }

    /// The rows to show: what was typed, and spare ones.
    pub fn item_rows(&self) -> Vec<ItemRow> {
        let mut rows = self.typed_rows();
        rows.retain(|row| !row.is_empty());
        let shown = (rows.len() + SPARE).max(if self.wants_rows() {
            self.item_name.len() + SPARE
        } else {
            0
        });
        rows.resize(shown.min(MAX_ROWS), ItemRow::default());
        for (number, row) in rows.iter_mut().enumerate() {
            row.number = number;
        }
        rows
    }

    fn typed_rows(&self) -> Vec<ItemRow> {
        let field = |list: &[String], index: usize| list.get(index).cloned().unwrap_or_default();
        (0..self.item_name.len().min(MAX_ROWS))
            .map(|index| ItemRow {
                number: index,
                kind: field(&self.item_kind, index),
                code: field(&self.item_code, index),
                name: field(&self.item_name, index),
                quantity: field(&self.item_quantity, index),
                amount: field(&self.item_amount, index),
            })
            .collect()
    }

    /// Checks the filled rows. Fields are named by their place among these: `item_name_0`.
    pub fn validate_items(&self, errors: &mut FormErrors) -> Vec<NewItem> {
        let mut rows = self.typed_rows();
        rows.retain(|row| !row.is_empty());
        let check = |(number, row): (usize, &ItemRow)| item(errors, number, row);
        rows.iter().enumerate().map(check).collect()
    }
}

fn item(errors: &mut FormErrors, number: usize, row: &ItemRow) -> NewItem {
    let (code, name) = (clean(&row.code), clean(&row.name));
    for (field, text, max) in [("item_code", &code, MAX_CODE), ("item_name", &name, MAX_NAME)] {
        if text.chars().count() > max {
            errors.add(format!("{field}_{number}"), FieldError::TooLong(max));
        }
    }
    if name.is_empty() {
        errors.add(format!("item_name_{number}"), FieldError::Required);
    }
    let typed = clean(&row.quantity);
    let quantity = items::quantity(if typed.is_empty() { "1" } else { &typed });
    if quantity.is_none() {
        errors.add(format!("item_quantity_{number}"), FieldError::BadNumber);
    }
    let amount = row.amount.trim();
    let amount_fen = match Money::from_str(amount) {
        _ if amount.is_empty() => None,
        Ok(amount) => Some(amount.fen()),
        Err(_) => {
            errors.add(format!("item_amount_{number}"), FieldError::BadNumber);
            None
        }
    };
    NewItem {
        kind: row.kind.parse().unwrap_or(ItemKind::Labour),
        code,
        name,
        quantity_hundredths: quantity.unwrap_or(100),
        amount_fen,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(rows: &[[&str; 5]]) -> VisitForm {
        let column = |n: usize| rows.iter().map(|row| row[n].to_owned()).collect::<Vec<_>>();
        VisitForm {
            item_kind: column(0),
            item_code: column(1),
            item_name: column(2),
            item_quantity: column(3),
            item_amount: column(4),
            ..VisitForm::default()
        }
    }

    #[test]
    fn filled_rows_become_items_and_mistakes_stand_at_their_row() {
        let form = form(&[
            ["labour", "", "", "", ""],
            ["part", "BP-1", "前刹车片", "2", "480.00"],
            ["labour", "", "更换前刹车片", "", ""],
            ["part", "", "", "x", "12a"],
        ]);
        let mut errors = FormErrors::default();
        let items = form.validate_items(&mut errors);
        let said: Vec<_> = items
            .iter()
            .map(|item| {
                (
                    item.kind,
                    item.name.as_str(),
                    item.quantity_hundredths,
                    item.amount_fen,
                )
            })
            .collect();
        assert_eq!(said[0], (ItemKind::Part, "前刹车片", 200, Some(48_000)));
        assert_eq!(said[1], (ItemKind::Labour, "更换前刹车片", 100, None));
        for field in ["item_name_2", "item_quantity_2", "item_amount_2"] {
            assert!(errors.get(field).is_some(), "{field}");
        }
        assert_eq!(errors.len(), 3);
    }

    #[test]
    fn there_are_always_rows_to_spare() {
        let row = ["part", "", "灯泡", "1", ""];
        assert_eq!(form(&[]).item_rows().len(), 3);
        assert_eq!(form(&[row, ["", "", "", "", ""], row]).item_rows().len(), 5);
        let mut more = form(&[row; 3]);
        more.more = "1".to_owned();
        assert_eq!(more.item_rows().len(), 6);
        assert_eq!(form(&[row; 200]).item_rows().len(), 60);
    }
}
