-- A label without case, spaces or punctuation, so that wording may drift and still be known.
create function plain_label(label) as
    translate(lower(label), ' -–—,.:;/()&''’', '');
