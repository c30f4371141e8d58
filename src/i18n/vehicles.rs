//! Vehicles.

messages! {
    title { "车辆", "Vehicles" }
}
