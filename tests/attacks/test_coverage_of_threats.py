"""Which test plays which of the known attacks on systems like this one."""

from importlib import import_module

import pytest

THREATS: dict[str, tuple[str, ...]] = {
    "a request names any path on the disk": (
        "tests.attacks.test_paths_asked_for:test_data_port",
        "tests.attacks.test_paths_asked_for:test_index",
        "tests.attacks.test_paths_asked_for:test_wicked_index",
        "tests.attacks.test_paths_asked_for:test_swapped_after_the_agreement",
        "tests.peer.library.test_beneath:test_only_regular_files",
    ),
    "a link leads out of a shared folder": (
        "tests.attacks.test_paths_asked_for:test_swapped_after_the_agreement",
        "tests.system.test_changes:test_all_is_accounted_for",
        "tests.peer.library.test_beneath:test_links_are_not_followed",
    ),
    "a received name leaves the downloads folder": (
        "tests.attacks.test_names_received:test_files",
        "tests.attacks.test_names_received:test_folders",
        "tests.attacks.test_names_received:test_a_folder_that_leads_out",
        "tests.peer.downloads.test_paths:test_every_path_gives_a_harmless_name",
        "tests.peer.downloads.test_paths:test_a_joined_path_stays_below_the_folder",
    ),
    "secrets are shared by accident": (
        "tests.attacks.test_secrets:test_nobody_finds_them",
        "tests.attacks.test_secrets:test_the_owner_is_told_why",
        "tests.peer.library.test_rules:test_secrets",
    ),
    "a frame lies about its length": (
        "tests.attacks.test_frames:test_announced_too_long",
        "tests.attacks.test_frames:test_never_finished",
        "tests.attacks.test_frames:test_a_wicked_index",
        "tests.attacks.test_frames:test_garbage_at_a_data_port",
        "tests.wire.test_framing:test_a_body_over_the_cap_is_refused_on_its_header",
    ),
    "a text is too long for others": (
        "tests.attacks.test_long_texts:test_to_the_index",
        "tests.attacks.test_long_texts:test_to_others",
        "tests.index.test_people:test_long_message",
        "tests.wire.test_search_human:test_bounds",
    ),
    "control characters reach a terminal": (
        "tests.attacks.test_terminals:test_names_of_files",
        "tests.attacks.test_terminals:test_texts_of_an_index",
        "tests.cli.test_text:test_clean_leaves_nothing_active",
    ),
    "a web page calls the control API": (
        "tests.attacks.test_control_api:test_who_may_call",
        "tests.attacks.test_control_api:test_a_form_is_no_call",
        "tests.attacks.test_control_api:test_the_token_is_private",
        "tests.peer.control.test_guard:test_other_hosts",
    ),
    "an index sends its peers against a victim": (
        "tests.attacks.test_victims:test_messages_nobody_asked_for",
        "tests.attacks.test_victims:test_many_users_at_one_address",
        "tests.attacks.test_victims:test_services_of_a_system",
        "tests.index.test_connection:test_published_address",
        "tests.peer.test_dialing:test_an_address_that_does_not_greet_is_left_alone",
        "tests.peer.index_link.test_relay:test_somebody_waits_at_the_relay",
        "tests.peer.uploads.test_relaying:test_an_index_that_calls_all_the_time",
    ),
    "a nick is taken over": (
        "tests.attacks.test_nicks:test_of_somebody_online",
        "tests.index.test_login:test_no_kick_war",
        "tests.index.test_login:test_wrong_password_displaces_nobody",
    ),
    "passwords are guessed or read": (
        "tests.attacks.test_nicks:test_guessing",
        "tests.attacks.test_nicks:test_a_password_others_can_read",
        "tests.index.test_accounts:test_bounded_queue",
    ),
    "slow and idle connections hold places": (
        "tests.attacks.test_frames:test_never_finished",
        "tests.attacks.test_floods:test_connections_to_the_index",
        "tests.attacks.test_floods:test_connections_to_a_data_port",
        "tests.index.test_connection:test_write_queue",
        "tests.index.test_connection:test_idle_ping",
        "tests.peer.test_data_port:test_a_slow_loris_is_dropped",
        "tests.index.test_relay:test_a_slow_line",
        "tests.index.test_relay:test_one_side_that_does_not_come",
    ),
    "a flood of searches, messages or connections": (
        "tests.attacks.test_floods:test_searches_and_messages",
        "tests.attacks.test_floods:test_connections_one_after_the_other",
        "tests.index.test_connection:test_sixty_behind_one_address",
        "tests.index.test_sharing:test_sharing_fast_is_slowed_down",
    ),
    "a ban does not bite, or bites late": (
        "tests.index.test_banning:test_every_kind_of_ban",
        "tests.index.test_banning:test_ban_during_a_login",
        "tests.index.test_bans:test_every_kind",
        "tests.index.test_bans:test_overlap",
        "tests.index.test_order:test_ban_survives",
    ),
    "the index is filled with fakes": (
        "tests.attacks.test_liars:test_too_many_files",
        "tests.attacks.test_liars:test_a_liar_among_the_sources",
    ),
    "one of several sources sends false bytes": (
        "tests.attacks.test_liars:test_only_a_liar",
        "tests.attacks.test_liars:test_a_liar_among_the_sources",
        "tests.peer.downloads.test_intake:test_a_wrong_head_is_noticed_as_soon_as_it_is_here",
    ),
    "a small compressed body becomes a huge one": (
        "tests.attacks.test_control_api:test_nothing_is_unpacked",
    ),
    "a peer never reads": (
        "tests.attacks.test_liars:test_readers_who_never_read",
        "tests.index.test_service:test_client_that_never_reads",
        "tests.peer.test_data_port:test_a_reader_who_never_reads_is_dropped",
        "tests.index.test_relay:test_a_reader_who_does_not_read",
    ),
    "a line of a log is forged": (
        "tests.attacks.test_terminals:test_clients_in_the_log",
        "tests.daemon.test_logs:test_no_injection",
    ),
    "somebody in between listens or meddles": (
        "tests.peer.pieces.test_encrypted:test_nobody_in_between_learns_anything",
        "tests.peer.pieces.test_encrypted:test_another_key_than_the_index_told",
        "tests.peer.pieces.test_encrypted:test_another_bearer_than_the_index_told",
        "tests.peer.pieces.test_encrypted:test_a_stripped_mode",
        "tests.peer.pieces.test_encrypted:test_a_ticket_that_was_used",
        "tests.peer.security.test_tickets:test_a_ticket_expires",
        "tests.peer.security.test_guard:test_what_comes_without_its_ticket",
        "tests.peer.security.test_index_tls:test_a_key_that_has_changed",
    ),
    "a source never ends, never sends, or sends too much": (
        "tests.attacks.test_liars:test_only_a_liar",
        "tests.attacks.test_liars:test_retries_are_few",
        "tests.peer.downloads.test_reception:test_a_stall_is_named_within_its_time",
    ),
}
"""Tests by attack."""


@pytest.mark.parametrize("threat", THREATS)
def test_somebody_plays_it(threat: str) -> None:
    """Every test named here exists."""
    for test in THREATS[threat]:
        module, _, name = test.partition(":")
        assert callable(getattr(import_module(module), name)), test
