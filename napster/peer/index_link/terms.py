"""What a peer and an index have agreed on at login."""

import attrs

from napster.wire.extension import MAX_EXTENSION_BODY, VERSION, Family, Feature, Greeting, Hello


@attrs.frozen
class Terms:
    """What a session has besides the old protocol: nothing, unless both sides said so."""

    features: Feature = Feature(0)
    longest: int = 0
    """How many bytes of body the index takes in an extension message."""

    @property
    def extended(self) -> bool:
        """Whether the index speaks the extension at all, which standing searches are a part of."""
        return self.longest > 0

    @property
    def content(self) -> bool:
        """Whether content ids can be told and asked for."""
        return Feature.CONTENT in self.features

    @property
    def relay(self) -> bool:
        """Whether the index has a relay that this peer can use."""
        return Feature.RELAY in self.features


_FEATURES = Feature.CONTENT | Feature.SECURE | Feature.RELAY


def agree(hello: Hello, fingerprint: bytes | None, families: Family) -> tuple[Terms, Greeting]:
    """Choose of what an index can do; returns the terms, and the answer that tells them.

    A peer without a fingerprint does not encrypt, but takes tickets; it is of no use at a relay.
    """
    features = hello.features & _FEATURES
    if fingerprint is None or Feature.SECURE not in features:
        features &= ~Feature.RELAY
    terms = Terms(features, min(hello.max_frame, MAX_EXTENSION_BODY))
    return terms, Greeting(VERSION, features, fingerprint, families)
