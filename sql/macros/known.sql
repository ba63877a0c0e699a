-- A value where its source could have said it, else null: not evaluable is neither true nor false.
create function known(is_supplied, value) as
    case when is_supplied then value end;
