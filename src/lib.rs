//! Care Desk: the desk of a car dealership's customer-care department.
//!
//! The map. The first segment of a URL is the name of the folder here, in `templates/` and in `tests/web/`, and of the
//! main table. Dependencies go down only: steering → desk → archive → people → web shell.

// ── ground ──
/// Store days, opening and calling hours, due times (pure).
pub mod calendar;
pub mod cli;
pub mod clock;
pub mod config;
pub mod db;
/// Newtypes over identity columns.
pub mod ids;
pub mod metrics;
/// Amounts in 分.
pub mod money;
pub mod serve;
pub mod telemetry;
/// Full-width, spaces and invisible marks in typed text.
pub mod text;
/// Enums that are text in the database.
pub mod text_enum;

// ── web shell ──
pub mod i18n;
pub mod web;

// ── people and rights ──
pub mod audit;
pub mod auth;
/// What is typed and not saved.
pub mod drafts;
pub mod stores;
pub mod users;

// ── archive ──
/// Changes of many rows at once.
pub mod batches;
pub mod customers;
/// Files that may be one, and merging them.
pub mod duplicates;
/// Lists that leave the house.
pub mod exports;
pub mod imports;
pub mod vehicles;
/// Saved views and chosen columns of lists.
pub mod views;
pub mod visits;

// ── daily desk ──
/// Visits that customers wish for.
pub mod appointments;
/// Calls on paper.
pub mod call_sheets;
pub mod callbacks;
pub mod complaints;
/// Obligations that need not be met.
pub mod exemptions;
pub mod my_day;
pub mod notices;
pub mod obligations;
/// The page behind a message, for customers.
pub mod questionnaires;
pub mod reminders;
pub mod reviews;
pub mod rules;
pub mod scripts;
pub mod shifts;

// ── steering and background ──
/// Demonstration data.
pub mod demo;
/// The manager's live board.
pub mod floor;
pub mod jobs;
pub mod kpi;
