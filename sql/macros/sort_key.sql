-- A text that sorts as a day and, within the day, as an id: a unique key for max_by.
create function sort_key(on_day, id) as
    concat(cast(on_day as varchar), ' ', cast(id as varchar));
