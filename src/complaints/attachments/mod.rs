//! Pictures and papers of a case: what a file is, its content says; what it tells of places and cameras is left out.
//!
//! A file is sent back as a download and never shown in a page of ours. What is taken away stays in the list with who,
//! when and why, and without its content. Files that come with a form that must be shown again wait under the form's key.

mod handlers;
pub mod kinds;
mod panel;
pub mod queries;
mod receive;
pub mod service;

pub use handlers::{ask_removal, download, remove, upload};
pub use kinds::{MediaType, Refusal};
pub use panel::Panel;
pub use receive::{File, Received, UPLOAD_BYTES, refuse_body};

/// Largest file.
pub const MAX_BYTES: usize = 10 << 20;
/// Files that a case may have, those taken away not counted.
pub const MAX_FILES: usize = 20;

crate::id_type! {
    /// A file of a case.
    AttachmentId
}
