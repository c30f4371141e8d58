//! The form as it is posted: with files as a browser sends it, or without.

use axum::extract::{FromRequest, Multipart, Request};
use axum::http::header;

use crate::complaints::attachments::Received;
use crate::complaints::attachments::refuse_body;
use crate::complaints::intake::forms::IntakeForm;
use crate::web::error::{AppError, encode_query};
use crate::web::form::Form;
use crate::web::state::AppState;

/// A form and the files that came with it.
pub struct Posted {
    pub form: IntakeForm,
    pub received: Received,
}

/// Largest text of a form with files: as much as one without may have.
const MAX_TEXT: usize = 1 << 20;

impl FromRequest<AppState> for Posted {
    type Rejection = AppError;

    async fn from_request(request: Request, state: &AppState) -> Result<Posted, AppError> {
        let kind = request.headers().get(header::CONTENT_TYPE);
        let is_multipart = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"multipart/form-data"));
        if !is_multipart {
            let Form(form) = Form::from_request(request, state).await?;
            let received = Received::default();
            return Ok(Posted { form, received });
        }
        let mut parts = Multipart::from_request(request, state)
            .await
            .map_err(|error| AppError::BadRequest(error.body_text()))?;
        let mut text = String::new();
        let mut received = Received::default();
        while let Some(part) = parts.next_field().await.map_err(refuse_body)? {
            let name = part.name().unwrap_or_default().to_owned();
            if name == "files" {
                received.take(part).await?;
                continue;
            }
            let value = part.text().await.map_err(refuse_body)?;
            text.push_str(&format!("{}={}&", encode_query(&name), encode_query(&value)));
            if text.len() > MAX_TEXT {
                return Err(AppError::TooLarge);
            }
        }
        // Read by the parser that reads every other form.
        let plain = Request::post("/")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(text.into())
            .map_err(|error| AppError::Internal(error.into()))?;
        let Form(form) = Form::from_request(plain, state).await?;
        Ok(Posted { form, received })
    }
}
