//! What cars are used for, what has become of them, and who stands around them.

use crate::text_enum;

text_enum! {
    /// A taxi drives and is billed differently; demo and stock cars have no customer to care for.
    pub enum VehicleUsage {
        Private = "private",
        Company = "company",
        Taxi = "taxi",
        Demo = "demo",
        Stock = "stock",
    }
}

text_enum! {
    /// Only an active car is due for anything.
    pub enum VehicleState {
        Active = "active",
        Sold = "sold",
        Scrapped = "scrapped",
        /// The customer lives elsewhere now.
        Moved = "moved",
    }
}

text_enum! {
    /// What a person is to a car; at most one current owner, any number of the others.
    pub enum PersonRole {
        Owner = "owner",
        Driver = "driver",
        Insured = "insured",
        Payer = "payer",
        Contact = "contact",
    }
}

text_enum! {
    /// Where an odometer reading comes from.
    pub enum ReadingSource {
        Visit = "visit",
        Phone = "phone",
        Import = "import",
        Hand = "hand",
    }
}

text_enum! {
    /// What a policy covers: 交强险 and 商业险.
    pub enum PolicyKind {
        Compulsory = "compulsory",
        Commercial = "commercial",
    }
}
