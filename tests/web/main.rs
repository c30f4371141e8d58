//! The program from outside: every test has a database of its own. One file per feature, named like its folder.
#![expect(clippy::unwrap_used, reason = "in a test every unwrap is an assertion")]

mod support;

mod access;
mod audit;
mod auth;
mod calendar;
mod call_page;
mod call_sheets;
mod callback_bulk;
mod callbacks;
mod calls;
mod complaint_case;
mod complaints;
mod conflicts;
mod consents;
mod customers;
mod db;
mod demo;
mod drafts;
mod duplicates;
mod exemptions;
mod exports;
mod floor;
mod i18n;
mod imports;
mod jobs;
mod kinds;
mod kpi;
mod lists;
mod merges;
mod my_day;
mod obligations;
mod reminders;
mod reviews;
mod rules;
mod schema;
mod scripts;
mod search;
mod shifts;
mod sqlx_cache;
mod stores;
mod users;
mod vehicles;
mod views;
mod visits;
