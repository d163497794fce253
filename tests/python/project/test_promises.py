"""Each promise of the pages on reliability is a test, by name: a new one needs a line here."""

import re

import pytest
from dbt_command import PROJECT

# Sections of pages whose bullets and rows of tables promise something.
SECTIONS = {
    "docs/runs.md": ["What a run is", "When something breaks", "One database, one origin", "Erasing somebody"],
    "docs/readers.md": ["A snapshot that nobody waits for"],
    "docs/streaming.md": ["What is guaranteed", "Files", "Without files"],
    "docs/inputs.md": ["What happens to bad input"],
    "SECURITY.md": ["What is trusted, and what is not", "Who reads what"],
}
# The first words of a promise, and the tests that hold it to them.
PROMISES = {
    "`started`": ["test_a_killed_run_is_found_by_the_next_one"],
    "`done`": ["test_a_run_says_what_it_was_and_how_it_ended"],
    "`failed`": ["test_a_failed_run_says_so_and_its_tables_do_not_belong_together"],
    "`killed`": ["test_a_killed_run_is_found_by_the_next_one"],
    "The published snapshot": ["test_what_is_not_one_good_run_is_not_published_and_the_last_stays"],
    "`make run FULL_REFRESH=1`": [
        "test_all_tables_change_at_once_and_until_then_people_read_the_old_ones",
        "test_a_full_refresh_that_does_not_end_changes_nothing",
    ],
    "memory is not enough": ["test_too_little_memory_is_named_with_the_setting"],
    "the disk is full": [
        "test_a_full_disk_names_the_tables_that_are_new",
        "test_an_error_of_the_disk_or_of_memory_comes_with_what_to_do",
    ],
    "the database file is damaged": ["test_a_damaged_database_is_named_with_what_comes_back_and_what_does_not"],
    "histories and versions": ["test_a_damaged_database_is_named_with_what_comes_back_and_what_does_not"],
    "the numbers of text ids": ["test_numbers_stay_and_new_ids_get_the_next_ones"],
    "who was erased": ["test_a_damaged_database_is_named_with_what_comes_back_and_what_does_not"],
    "build into another database": ["test_other_inputs_stop_before_anything_is_replaced_and_say_what_to_do"],
    "start afresh": ["test_a_full_refresh_with_other_inputs_starts_afresh_histories_included"],
    "Old inputs bring nobody back": ["test_old_inputs_bring_nobody_back_and_the_sums_of_the_stream_are_made_again"],
    "Sums are made again": ["test_old_inputs_bring_nobody_back_and_the_sums_of_the_stream_are_made_again"],
    "A text id loses its text": ["test_an_erased_text_id_leaves_its_number_and_nothing_else"],
    "It can be called again": ["test_a_second_time_nobody_is_found"],
    "The inputs, and copies": ["test_old_inputs_bring_nobody_back_and_the_sums_of_the_stream_are_made_again"],
    "Published snapshots": ["test_after_an_erasure_no_older_snapshot_stays_and_a_failure_says_so"],
    "Logs of earlier commands": ["test_the_command_names_nobody_in_a_log_and_says_which_logs_do"],
    "Whole": ["test_what_is_not_one_good_run_is_not_published_and_the_last_stays"],
    "At once": ["test_a_killed_publication_leaves_the_last_and_is_cleared"],
    "Kept for who reads it": ["test_a_reader_keeps_its_snapshot_and_the_next_reader_gets_the_next"],
    "For older clients": ["test_an_old_client_opens_it_and_its_functions_answer"],
    "The stream keeps only the last event": ["test_one_batch_is_the_formula", "test_killed_streams_lose_and_repeat_nothing"],
    "It sums the hour of a tweet anew": ["test_any_schedule_ends_as_one_batch"],
    "Sums fade only when somebody reads them": ["test_sums_made_from_nothing_are_the_same"],
    "is complete": ["test_a_file_of_any_name_is_read_once_and_its_neighbours_too"],
    "has changed since": ["test_a_half_written_file_waits"],
    "has rows that break a rule": ["test_a_file_is_read_by_the_rules_of_the_batch"],
    "is not complete": ["test_a_half_written_file_waits"],
    "cannot be read for a passing reason": ["test_what_fails_for_a_passing_reason_is_read_again"],
    "cannot be read for good": ["test_what_fails_for_good_is_named_once_and_read_again_when_it_changes"],
    "Tables of a schema": ["test_a_growing_table_needs_no_files"],
    "A scheduler, on BigQuery too": ["test_a_growing_table_needs_no_files"],
    "Another loader": ["test_an_event_of_the_future_waits_for_its_time"],
    "A file or column is missing": [
        "test_unusable_files_stop_the_run_and_the_tables_stand",
        "test_a_message_names_table_file_and_fault",
    ],
    "A row breaks a rule": ["test_rows_that_break_a_rule_are_counted_and_left_out"],
    "Too many rows break a rule": ["test_a_looser_limit_lets_broken_rows_pass"],
    "A follow stays out of the similarity join": ["test_every_follow_is_accounted_for"],
    "input files and tables, and the names of files": [
        "test_quoted_text_keeps_commas_quotes_and_line_ends",
        "test_files_are_read_whatever_they_and_their_neighbours_are_called",
    ],
    "arguments of the table functions": ["test_no_table_function_makes_sql_of_its_arguments"],
    "event files of a stream": [
        "test_what_fails_for_good_is_named_once_and_read_again_when_it_changes",
        "test_an_event_of_the_future_waits_for_its_time",
    ],
    "vars, recipes": ["test_a_var_that_cannot_be_used_is_named_with_its_rule", "test_both_warehouses_read_a_text_back_as_it_is"],
    "who calls `make explore LIVE=1`": ["test_other_sites_and_wrong_addresses_get_nothing"],
    "the published snapshot": ["test_functions_answer_as_in_the_database"],
    "the package index": ["test_the_locks_pin_every_package_by_hash_and_name_no_address"],
    # What is trusted: nothing is promised.
    "the database file": ["test_a_database_file_can_make_its_reader_do_things"],
    "Files": ["test_database_and_logs_are_not_for_everybody_and_what_is_published_is"],
    "BigQuery": ["test_the_key_file_is_named_in_the_profile_alone"],
    "Secrets": ["test_a_url_with_a_secret_is_refused_before_dbt_logs_it"],
    "Logs": ["test_an_erased_text_id_leaves_its_number_and_nothing_else"],
    "Telemetry": ["test_dbt_sends_no_statistics"],
}


def promises(page, sections):
    """Bullets and rows of tables in sections of a page, without bold letters; the head of a table is none."""
    found = []
    for section in page.split("\n## ")[1:]:
        title, text = section.split("\n", 1)
        if title in sections:
            rows = re.findall(r"^\| (.*?) \|", text, re.MULTILINE)
            heads = re.findall(r"^\| (.*?) \|.*\n\|---", text, re.MULTILINE)
            found += [row for row in rows if row not in heads]
            found += [bullet.replace("**", "") for bullet in re.findall(r"^- (.*)", text, re.MULTILINE)]
    return found


@pytest.fixture(scope="module")
def tests():
    return set(re.findall(r"^def (test_\w+)", "".join(path.read_text() for path in (PROJECT / "tests").rglob("*.py")), re.MULTILINE))


def test_every_promise_is_the_name_of_a_test(tests):
    made = [promise for page, sections in SECTIONS.items() for promise in promises((PROJECT / page).read_text(), sections)]
    assert [promise for promise in made if not promise.startswith(tuple(PROMISES))] == []
    assert [words for words in PROMISES if not any(promise.startswith(words) for promise in made)] == []
    assert [name for names in PROMISES.values() for name in names if name not in tests] == []
    assert all(PROMISES.values())


def test_a_promise_without_a_line_is_found():
    table = "| what | how |\n|---|---|\n| one row | kept |\n"
    page = f"# Runs\n\n## Promises\n\n{table}\n- **A bullet.** It holds.\n\n## Others\n\n- not this\n"
    assert promises(page, ["Promises"]) == ["one row", "A bullet. It holds."]
