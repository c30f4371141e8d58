//! Forms: the extractor that keeps everything typed, errors by field, parse helpers for `validate()`.

use std::borrow::Cow;

use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use chrono::{NaiveDate, NaiveDateTime};
use serde::de::DeserializeOwned;

use crate::web::error::AppError;
use crate::web::state::AppState;

/// A posted form. Repeated fields arrive as `Vec<String>`; what cannot be read at all is a 400.
pub struct Form<T>(pub T);

impl<T: DeserializeOwned> FromRequest<AppState> for Form<T> {
    type Rejection = AppError;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, AppError> {
        match axum_extra::extract::Form::<T>::from_request(request, state).await {
            Ok(form) => Ok(Form(form.0)),
            Err(error) if error.status() == StatusCode::PAYLOAD_TOO_LARGE => Err(AppError::TooLarge),
            Err(error) => Err(AppError::BadRequest(error.to_string())),
        }
    }
}

/// Reads a form that was posted before and kept as it came, by the parser that reads posts.
pub fn parse<T: DeserializeOwned>(body: &str) -> Option<T> {
    let uri = axum::http::Uri::builder()
        .path_and_query(format!("/?{body}"))
        .build()
        .ok()?;
    let form = axum_extra::extract::Query::<T>::try_from_uri(&uri).ok()?;
    Some(form.0)
}

/// What is wrong with one field, as a code; the sentence is in `i18n/form.rs`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldError {
    Required,
    TooLong(usize),
    TooShort(usize),
    BadNumber,
    OutOfRange(i64, i64),
    BadDate,
    BadTime,
    BadDateTime,
    BadChoice,
    InThePast,
    InTheFuture,
    Taken,
    PasswordDiffers,
    PasswordWeak,
    BadUsername,
    /// A sentence of a domain type (phone, plate, VIN), already in both languages.
    Text {
        zh: String,
        en: String,
    },
}

/// Everything wrong with a form, in the order found; empty means valid.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FormErrors(Vec<(Cow<'static, str>, FieldError)>);

impl FormErrors {
    /// Notes an error at a field; the first one of a field is the one shown.
    pub fn add(&mut self, field: impl Into<Cow<'static, str>>, error: FieldError) {
        self.0.push((field.into(), error));
    }

    /// Every error with its field, in the order found.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &FieldError)> {
        self.0.iter().map(|(field, error)| (field.as_ref(), error))
    }

    /// The error to show at a field.
    pub fn get(&self, field: &str) -> Option<&FieldError> {
        self.0
            .iter()
            .find(|(name, _)| name == field)
            .map(|(_, error)| error)
    }

    /// Whether the form is valid.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many fields need mending.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Fields that need mending, in the order found.
    pub fn fields(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_ref())
    }

    /// `Ok(value)` if nothing was noted.
    pub fn finish<T>(self, value: T) -> Result<T, FormErrors> {
        if self.is_empty() { Ok(value) } else { Err(self) }
    }

    /// Takes over what another form says: its value, or everything wrong with it.
    pub fn collect<T>(&mut self, checked: Result<T, FormErrors>) -> Option<T> {
        match checked {
            Ok(value) => Some(value),
            Err(errors) => {
                self.0.extend(errors.0);
                None
            }
        }
    }

    /// A required text of at most `max` characters, trimmed.
    pub fn required(&mut self, field: &'static str, raw: &str, max: usize) -> String {
        let text = raw.trim();
        if text.is_empty() {
            self.add(field, FieldError::Required);
        }
        self.optional(field, text, max)
    }

    /// A text of at most `max` characters, trimmed; may be empty.
    pub fn optional(&mut self, field: &'static str, raw: &str, max: usize) -> String {
        let text = raw.trim();
        if text.chars().count() > max {
            self.add(field, FieldError::TooLong(max));
        }
        text.to_owned()
    }

    /// A whole number between `min` and `max`; empty is `None`.
    pub fn number(&mut self, field: &'static str, raw: &str, min: i64, max: i64) -> Option<i64> {
        let text = raw.trim().replace(',', "");
        if text.is_empty() {
            return None;
        }
        match text.parse::<i64>() {
            Ok(value) if (min..=max).contains(&value) => Some(value),
            Ok(_) => {
                self.add(field, FieldError::OutOfRange(min, max));
                None
            }
            Err(_) => {
                self.add(field, FieldError::BadNumber);
                None
            }
        }
    }

    /// A day as browsers send it, `2026-03-05`; empty is `None`.
    pub fn date(&mut self, field: &'static str, raw: &str) -> Option<NaiveDate> {
        let text = raw.trim();
        if text.is_empty() {
            return None;
        }
        match NaiveDate::parse_from_str(text, "%Y-%m-%d") {
            Ok(day) => Some(day),
            Err(_) => {
                self.add(field, FieldError::BadDate);
                None
            }
        }
    }

    /// A local time as browsers send it, `2026-03-05T14:30`; a space and seconds are fine; empty is `None`.
    pub fn local_datetime(&mut self, field: &'static str, raw: &str) -> Option<NaiveDateTime> {
        let text = raw.trim().replace(' ', "T");
        if text.is_empty() {
            return None;
        }
        let parsed = NaiveDateTime::parse_from_str(&text, "%Y-%m-%dT%H:%M")
            .or_else(|_| NaiveDateTime::parse_from_str(&text, "%Y-%m-%dT%H:%M:%S"));
        if parsed.is_err() {
            self.add(field, FieldError::BadDateTime);
        }
        parsed.ok()
    }

    /// One of a list of codes; empty is `None`.
    pub fn choice<T: std::str::FromStr>(&mut self, field: &'static str, raw: &str) -> Option<T> {
        let text = raw.trim();
        if text.is_empty() {
            return None;
        }
        let parsed = text.parse().ok();
        if parsed.is_none() {
            self.add(field, FieldError::BadChoice);
        }
        parsed
    }

    /// One of a list of codes that must be there.
    pub fn required_choice<T: std::str::FromStr>(&mut self, field: &'static str, raw: &str) -> Option<T> {
        if raw.trim().is_empty() {
            self.add(field, FieldError::Required);
            return None;
        }
        self.choice(field, raw)
    }
}

/// One entry of a `<select>` or a row of radio buttons.
#[derive(Clone, Debug)]
pub struct SelectOption {
    pub value: String,
    pub label: String,
}

impl SelectOption {
    /// An entry with what is sent and what is read.
    pub fn new(value: impl std::fmt::Display, label: impl Into<String>) -> SelectOption {
        SelectOption {
            value: value.to_string(),
            label: label.into(),
        }
    }
}
