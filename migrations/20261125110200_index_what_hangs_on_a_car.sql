-- Every key that points at a car needs an index that holds all its rows: a deleted car asks each of them, and partial ones
-- cannot answer. Without these the undo of 100,000 cars read each table 100,000 times.

create index vehicle_people_vehicle_idx on vehicle_people (store_id, vehicle_id);
-- The refused readings with the others: what is believed is still read from the index alone.
create index odometer_readings_vehicle_idx on odometer_readings (store_id, vehicle_id, read_on desc) include (km, refused);
drop index odometer_readings_valid_idx;
