"""Step 6: pairs a person should look at, and that stay so from month to month until somebody decides.

A pair is shown because the score leaves it open (`unsure`), because another person is about as likely (`rival`), or
because a guard forbade what the score would have joined (`guard`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wsd_pipeline.linkage.probabilistic import SETTINGS

if TYPE_CHECKING:
    import duckdb

    Connection = duckdb.DuckDBPyConnection


def write_review(con: Connection, month: str) -> None:
    """Make `out_review`: likely pairs of two people as they now stand, undecided; earlier ones not scored anew too.

    Needs `scored` and `left_rec` (see `cascade`), `out_spine`, `decided_pair` and the input `review_before`.
    """
    con.execute(
        """
        create table out_review as
        with earlier as (
            select a.rec as rec_a, b.rec as rec_b, v.month, v.reason, v.match_weight, v.match_share, v.margin_share
            from review_before as v
            join numbered as a on a.source = v.source_a and a.record_id = v.record_id_a
            join numbered as b on b.source = v.source_b and b.record_id = v.record_id_b
            where a.rec not in (from left_rec) and b.rec not in (from left_rec)
        ),
        asked as (
            select least(rec_a, rec_b) as rec_a, greatest(rec_a, rec_b) as rec_b, $month as month,
                case when is_accepted then 'guard' when match_share < $threshold then 'unsure' else 'rival' end
                    as reason,
                match_weight, match_share, margin_share
            from scored
            union all
            from earlier
        )
        select a.source as source_a, a.record_id as record_id_a, b.source as source_b, b.record_id as record_id_b,
            q.month, q.reason, q.match_weight, q.match_share, q.margin_share
        from asked as q
        join out_spine as a on a.rec = q.rec_a
        join out_spine as b on b.rec = q.rec_b
        anti join decided_pair as d on d.rec_a = q.rec_a and d.rec_b = q.rec_b
        join label as la on la.rec = q.rec_a join label as lb on lb.rec = q.rec_b
        anti join closed_clusters as c on c.a = la.cluster and c.b = lb.cluster
        where a.person_id != b.person_id and a.is_current and b.is_current
        qualify row_number() over (
            partition by q.rec_a, q.rec_b
            order by q.month desc, q.match_share desc, q.match_weight desc, q.margin_share desc, q.reason
        ) = 1
        """,
        {"month": month, "threshold": SETTINGS.threshold},
    )
