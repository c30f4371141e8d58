//! Purposes of contact, and how a consent came about (pure).

use chrono::{DateTime, Utc};

use crate::text_enum;

text_enum! {
    /// What the customer is contacted or recorded for.
    pub enum Purpose {
        /// What a contract or a warranty needs: appointments, due maintenance.
        Service = "service",
        Survey = "survey",
        Marketing = "marketing",
        Insurance = "insurance",
        Recording = "recording",
    }
}

text_enum! {
    /// The ground in law (PIPL 13).
    pub enum Basis {
        Consent = "consent",
        Contract = "contract",
        Law = "law",
    }
}

text_enum! {
    /// How the customer said it.
    pub enum ConsentChannel {
        Paper = "paper",
        Visit = "visit",
        Call = "call",
        Sms = "sms",
        Wechat = "wechat",
        Web = "web",
        Import = "import",
    }
}

impl Purpose {
    /// What the law asks for: service rests on the contract, everything else on consent.
    pub const fn basis(self) -> Basis {
        match self {
            Purpose::Service => Basis::Contract,
            Purpose::Survey | Purpose::Marketing | Purpose::Insurance | Purpose::Recording => Basis::Consent,
        }
    }

    /// Its icon on the page.
    pub const fn icon(self) -> &'static str {
        match self {
            Purpose::Service => "wrench",
            Purpose::Survey => "phone",
            Purpose::Marketing => "flag",
            Purpose::Insurance => "shield",
            Purpose::Recording => "clock",
        }
    }
}

/// The notice that customers sign now; older rows keep the version they were given under.
pub const TEXT_VERSION: &str = "v3";

/// A yes or a no to one or more purposes, as it is recorded.
#[derive(Clone)]
pub struct Decision {
    pub purposes: Vec<Purpose>,
    pub is_given: bool,
    pub channel: ConsentChannel,
    pub evidence: String,
}

/// What holds about a purpose; `None` inside: nothing was ever said.
pub struct Standing {
    pub purpose: Purpose,
    pub last: Option<Consent>,
}

impl Standing {
    /// Whether the customer has said yes, and not taken it back.
    pub fn is_given(&self) -> bool {
        self.last.as_ref().is_some_and(|last| last.is_given)
    }
}

/// A row of the ledger.
#[derive(Clone)]
pub struct Consent {
    pub purpose: Purpose,
    pub basis: Basis,
    pub text_version: String,
    pub channel: ConsentChannel,
    pub is_given: bool,
    pub at: DateTime<Utc>,
    pub evidence: String,
    pub by_name: Option<String>,
}

/// Every purpose with its last row, in the order of the page.
pub fn standings(rows: Vec<Consent>) -> Vec<Standing> {
    let mut rows = rows;
    let of = |purpose: &Purpose| {
        let at = rows.iter().position(|row| row.purpose == *purpose);
        Standing {
            purpose: *purpose,
            last: at.map(|at| rows.swap_remove(at)),
        }
    };
    Purpose::ALL.iter().map(of).collect()
}
