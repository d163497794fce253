{# Pairs of producers are compared, because two versions need not number their communities alike. #}
with

embedding_versions as (
    select model_version, as_of, entity_id as producer_id, cluster_id

    from {{ ref('embedding_versions') }}

    {# BigQuery wants as_of in the filter; the newest run of a version can be of any time. #}
    where embedding_type = 'known_for'
        and as_of is not null
),

newest_runs as (select model_version, max(as_of) as as_of from embedding_versions group by model_version),

members as (
    select versions.model_version, versions.producer_id, versions.cluster_id

    from embedding_versions as versions

    inner join newest_runs
        on versions.model_version = newest_runs.model_version
            and versions.as_of = newest_runs.as_of
),

version_sizes as (select model_version, count(*) as producer_count from members group by model_version),

common_members as (
    select
        this.model_version,
        other.model_version as other_model_version,
        this.cluster_id,
        other.cluster_id as other_cluster_id,
        count(*) as producer_count

    from members as this

    inner join members as other
        on this.producer_id = other.producer_id
            and this.model_version <> other.model_version

    group by this.model_version, other.model_version, this.cluster_id, other.cluster_id
),

cluster_sizes as (
    select
        model_version,
        other_model_version,
        cluster_id,
        other_cluster_id,
        producer_count,
        sum(producer_count) over (partition by model_version, other_model_version, cluster_id) as cluster_producer_count,
        sum(producer_count) over (partition by model_version, other_model_version, other_cluster_id) as other_cluster_producer_count

    from common_members
),

{# Pairs that share a community, of the producers that both versions know: sum of n (n - 1) over the parts of each. #}
pair_counts as (
    select
        model_version,
        other_model_version,
        cast(sum(producer_count) as int64) as common_producer_count,
        cast(sum(case when cluster_id = other_cluster_id then producer_count else 0 end) as int64) as same_cluster_producer_count,
        sum(cast(producer_count as float64) * (producer_count - 1)) as common_pair_count,
        sum(cast(producer_count as float64) * (cluster_producer_count - 1)) as pair_count,
        sum(cast(producer_count as float64) * (other_cluster_producer_count - 1)) as other_pair_count

    from cluster_sizes

    group by model_version, other_model_version
),

agreement as (
    select
        pair_counts.model_version,
        pair_counts.other_model_version,
        pair_counts.common_producer_count,
        this_sizes.producer_count - pair_counts.common_producer_count as left_producer_count,
        other_sizes.producer_count - pair_counts.common_producer_count as joined_producer_count,
        pair_counts.same_cluster_producer_count,
        coalesce(
            pair_counts.common_pair_count
            / nullif(pair_counts.pair_count + pair_counts.other_pair_count - pair_counts.common_pair_count, 0),
            1.0
        ) as pair_agreement

    from pair_counts

    inner join version_sizes as this_sizes on pair_counts.model_version = this_sizes.model_version
    inner join version_sizes as other_sizes on pair_counts.other_model_version = other_sizes.model_version
)

select * from agreement
