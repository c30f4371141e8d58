//! Who works when: shifts, leave, deputies, and how much one person takes on in a day.

crate::text_enum! {
    /// Why the queue gives a person nothing now.
    pub enum OffDuty {
        /// On leave today.
        Leave = "leave",
        /// Has shifts this week, and none of them now.
        Shift = "shift",
        /// Has spoken with as many customers today as the person is meant to.
        Capacity = "capacity",
    }
}
