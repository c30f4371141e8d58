-- What a file of policies says about who is insured.

alter table policies add column insured_name text not null default '';
comment on column policies.insured_name is '被保险人 as the file said. insured_id is null while the name alone names nobody around the car.';
