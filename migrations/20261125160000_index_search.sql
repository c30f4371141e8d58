-- What the search box looks up beyond names by key, phone, plate and VIN tails.

create index customers_name_idx on customers (store_id, name);
comment on index customers_name_idx is 'Whole names first: the key of a frequent name finds more people than are looked at.';
create index customer_facts_last_visit_idx on customer_facts (store_id, last_visit_on desc nulls last, customer_id);
comment on index customer_facts_last_visit_idx is 'A key that one in ten has (zhang, w) is answered by walking those who came last, not by reading a hundred thousand entries.';

create index phones_line_tail_idx on phones (store_id, right(split_part(number, '-', 1) || split_part(number, '-', 2), 4))
  where number like '0%-%-%';
comment on index phones_line_tail_idx is 'Last four of a landline that is stored with an extension; phones_tail_idx would hold the extension.';

create index policies_tail_idx on policies (store_id, right(policy_no, 6)) where policy_no is not null;
-- text_pattern_ops: a beginning is found whatever the database's collation, under a generic plan too.
create index visits_ro_prefix_idx on visits (store_id, ro_number text_pattern_ops);
create index complaints_number_prefix_idx on complaints (store_id, number text_pattern_ops);
