"""How the tree of the files goes live for each test: by the product's way once a process, then as that left it.

To spell 200 kB, store them and read them back takes longer than most tests.
"""

from typing import Any

import psycopg
import redis

from menus.library import LIVE, VERSION, Library
from menus.vocabulary import Tree
from operations.office import Actor

KEEP = """
CREATE SCHEMA published;
CREATE TABLE published.menu_publication AS SELECT * FROM menu_publication ORDER BY id DESC LIMIT 1;
CREATE TABLE published.menu_version AS
    SELECT v.* FROM menu_version v JOIN published.menu_publication USING (digest);
CREATE TABLE published.audit AS SELECT * FROM audit WHERE act = 'menu.publish' ORDER BY id DESC LIMIT 1
"""
PUT_BACK = """
INSERT INTO menu_version (digest, tree) SELECT digest, tree FROM published.menu_version;
INSERT INTO menu_publication (digest, by) SELECT digest, by FROM published.menu_publication;
INSERT INTO audit (actor, channel, act, subject, details)
    SELECT actor, channel, act, subject, details FROM published.audit
"""


class Published:
    """What a publication of this tree leaves in this worker's database and in its Redis."""

    def __init__(self, tree: Tree, database: psycopg.Connection[Any], client: redis.Redis) -> None:
        self.tree, self.database, self.redis = tree, database, client
        self.kept: dict[Any, Any] = {}

    def go_live(self, library: Library) -> None:
        """Make the tree live."""
        if self.kept:
            self.database.execute(PUT_BACK)
            self.redis.mset(self.kept)
            return
        digest, _ = library.publish(self.tree, by=Actor("staff:test", "command"))
        self.database.execute(KEEP)
        self.kept = {key: self.redis.get(key) for key in (LIVE, VERSION.format(digest))}
