"""Lets twistd run the toy daemon of these tests."""

from twisted.application.service import ServiceMaker

toy = ServiceMaker("napster-toy", "toydaemon.tap", "A daemon to test daemons with", "napster-toy")
