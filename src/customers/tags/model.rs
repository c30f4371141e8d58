//! Kinds of tags and the ones a store begins with (pure).

use crate::customers::tags::TagId;
use crate::text_enum;

text_enum! {
    /// What a tag says.
    pub enum TagKind {
        Class = "class",
        Tag = "tag",
    }
}

text_enum! {
    /// Entries that every store has; their names are translated.
    pub enum SystemTag {
        Vip = "vip",
        KeyAccount = "key_account",
        Employee = "employee",
        CommercialUse = "commercial_use",
        CompanyCustomer = "company_customer",
        PriceSensitive = "price_sensitive",
        WechatWork = "wechat_work",
        ChildSeat = "child_seat",
        Referrer = "referrer",
        SelfDriving = "self_driving",
    }
}

impl SystemTag {
    /// What it says.
    pub const fn kind(self) -> TagKind {
        match self {
            SystemTag::Vip
            | SystemTag::KeyAccount
            | SystemTag::Employee
            | SystemTag::CommercialUse
            | SystemTag::CompanyCustomer => TagKind::Class,
            SystemTag::PriceSensitive
            | SystemTag::WechatWork
            | SystemTag::ChildSeat
            | SystemTag::Referrer
            | SystemTag::SelfDriving => TagKind::Tag,
        }
    }
}

/// An entry of the dictionary beside a customer.
#[derive(Clone)]
pub struct Tag {
    pub id: TagId,
    pub code: Option<SystemTag>,
    pub name: String,
    pub kind: TagKind,
    /// Whether the customer in question carries it.
    pub is_set: bool,
}

impl Tag {
    /// The badge's colour: classes stand out.
    pub const fn tone(&self) -> &'static str {
        match self.kind {
            TagKind::Class => "plum",
            TagKind::Tag => "",
        }
    }
}
