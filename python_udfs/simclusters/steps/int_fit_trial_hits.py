import numpy as np
import pyarrow as pa

from simclusters.fitted import fit_trial_hits
from simclusters.relation_io import to_arrays, to_arrow, to_relation
from simclusters.steps.int_fitted_vectors import members_of

SCHEMA = pa.schema([(name, pa.int64()) for name in ("preference", "consumer_id", "producer_id", "producer_rank")])


def model(dbt, session):
    *follows, is_drawn, is_held_out = to_arrays(dbt.ref("int_fit_follows"), ["consumer_id", "producer_id", "is_drawn", "is_held_out"])
    is_drawn, is_held_out = is_drawn.astype(bool), is_held_out.astype(bool)
    recipes = to_arrow(dbt.ref("int_fit_recipes")).to_pylist()
    for recipe in recipes:
        recipe["regression_penalty"] *= recipe["consumer_share"]
    members = members_of(dbt)
    if not len(members[0]) or not np.any(is_held_out):
        return to_relation(session, SCHEMA.empty_table())
    trial = [*(column[is_drawn] for column in follows), is_held_out[is_drawn]]
    batches = (
        pa.record_batch([pa.array(column) for column in found], schema=SCHEMA)
        for found in fit_trial_hits(*follows, *members, trial, recipes)
    )

    return to_relation(session, pa.RecordBatchReader.from_batches(SCHEMA, batches))
